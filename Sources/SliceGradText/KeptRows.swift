public import SliceGrad

/// Those rows of a table that were kept when the others were taken away, and the numbers that they have now.
///
///     let kept = KeptRows([2, 5, 9])
///     print(kept.position(of: 5)!)  // 1
///     print(kept(RaggedIndices([[9, 3, 2], [4]])))  // RaggedIndices(values: [2, 0], rowSplits: [0, 2, 2])
///
/// Besides the list of the rows there is a bit for each number up to the last row's, with counts of the bits: 3/16 of a
/// byte a number, unless these would take several times the memory of the list. It is encoded as the list.
public struct KeptRows: Sendable {
  /// The numbers that the rows had, in rising order.
  public let rows: [Int32]

  /// Bit i of element j says whether row 64 j + i was kept. There are none where few rows were kept of very many.
  private let bits: [UInt64]
  /// How many rows were kept before those of each element of `bits`.
  private let countsBefore: [Int32]

  /// These rows. Traps unless their numbers rise, from 0 or more.
  ///
  /// - Complexity: O(the last row's number).
  public init(_ rows: [Int32]) {
    if let problem = Self.problem(rows) { trap("KeptRows: \(problem)") }
    self.init(rising: rows)
  }

  private init(rising rows: [Int32]) {
    let bound = (rows.last.map { Int($0) } ?? -1) + 1
    if bound <= 64 * rows.count + 1 << 16 {
      self.init(below: bound) { keep in for row in rows { keep(row) } }
    } else {
      self.init(rows: rows, bits: [], countsBefore: [])
    }
  }

  private init(rows: [Int32], bits: [UInt64], countsBefore: [Int32]) {
    (self.rows, self.bits, self.countsBefore) = (rows, bits, countsBefore)
  }

  /// Those rows below a bound that `body` passes to `keep`, in any order and again and again.
  init(below bound: Int, _ body: (_ keep: (_ row: Int32) -> Void) -> Void) {
    var bits = [UInt64](repeating: 0, count: (bound + 63) / 64)
    body { row in bits[Int(row) / 64] |= Self.bit(of: row) }
    var (rows, countsBefore): ([Int32], [Int32]) = ([], [])
    rows.reserveCapacity(bits.reduce(0) { $0 + $1.nonzeroBitCount })
    countsBefore.reserveCapacity(bits.count)
    for (place, element) in bits.enumerated() {
      countsBefore.append(Int32(rows.count))
      var rest = element
      while rest != 0 {
        rows.append(Int32(64 * place + rest.trailingZeroBitCount))
        rest &= rest - 1  // without its lowest bit
      }
    }
    self.init(rows: rows, bits: bits, countsBefore: countsBefore)
  }

  /// The bit of a row in its element.
  private static func bit(of row: Int32) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: row) }  // by row % 64

  private static func problem(_ rows: [Int32]) -> String? {
    if let first = rows.first, first < 0 { return "row \(first) is below 0" }
    return zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 } ? nil : "the numbers don't rise"
  }

  /// The number that a row has now; nil if it wasn't kept.
  ///
  /// - Complexity: O(1); O(log n) for n rows that are fewer than 1/64 of the numbers up to the last one.
  public func position(of row: Int32) -> Int32? {
    if bits.isEmpty { return rows.placeInRisingNumbers(of: row) }
    let place = Int(UInt32(bitPattern: row) / 64)  // far beyond the bits for a row below 0
    guard place < bits.count else { return nil }
    let (element, bit) = (bits[place], Self.bit(of: row))
    guard element & bit != 0 else { return nil }
    return countsBefore[place] + Int32((element & (bit - 1)).nonzeroBitCount)
  }

  /// Bags of the new numbers, with their counts if there are some. Rows that weren't kept are left out.
  ///
  /// - Complexity: O(m) for m row numbers.
  public func callAsFunction(_ bags: RaggedIndices) -> RaggedIndices {
    var (values, counts, splits) = ([Int32](), bags.counts.map { _ in [Int32]() }, [Int32(0)])
    splits.reserveCapacity(bags.rowSplits.count)
    for (start, end) in zip(bags.rowSplits, bags.rowSplits.dropFirst()) {
      for place in Int(start)..<Int(end) {
        guard let position = position(of: bags.values[place]) else { continue }
        values.append(position)
        counts?.append(bags.counts![place])
      }
      splits.append(Int32(values.count))
    }
    return RaggedIndices(values: values, rowSplits: splits, counts: counts)
  }

  /// These rows of a table `[v, d]`, in one of its own. Traps on a row that it doesn't have.
  ///
  /// - Complexity: O(n d) for n rows.
  public func rows(of table: Tensor<Float>) -> Tensor<Float> {
    require(rows.last ?? -1 < table.shape[0], "KeptRows: rows beyond \(table.shape[0])")
    let columns = table.shape[1]
    return Tensor(shape: [rows.count, columns]) { out in
      table.withPointer { numbers in
        for (position, row) in rows.enumerated() {
          (out + position * columns).initialize(from: numbers + Int(row) * columns, count: columns)
        }
      }
    }
  }
}

extension KeptRows: Equatable {
  public static func == (left: KeptRows, right: KeptRows) -> Bool { left.rows == right.rows }
}

extension KeptRows: Codable {
  /// Throws `DecodingError` unless the numbers rise, from 0 or more.
  public init(from decoder: any Decoder) throws {
    let rows = try [Int32](from: decoder)
    if let problem = Self.problem(rows) { throw decoder.corrupted(problem) }
    self.init(rising: rows)
  }

  public func encode(to encoder: any Encoder) throws { try rows.encode(to: encoder) }
}
