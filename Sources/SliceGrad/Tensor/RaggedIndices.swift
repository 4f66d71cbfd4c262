/// Row numbers in bags of different lengths, which may be empty: a batch of texts.
///
///     let texts = RaggedIndices([[3, 1, 3], [], [0]])
///     print(texts.values, texts.rowSplits)  // [3, 1, 3, 0] [0, 3, 3, 4]
///
/// Where the order in a bag doesn't matter, a number that is there several times may stand there once, with a count.
/// Such bags mean the same to `embeddingBag`, which reads each row once:
///
///     print(RaggedIndices([[3, 1, 3]]).counted)  // RaggedIndices(values: [3, 1], rowSplits: [0, 2], counts: [2, 1])
public struct RaggedIndices: Hashable, Sendable, CustomStringConvertible {
  /// The row numbers `[nnz]` of all bags, one bag after another.
  public let values: [Int32]

  /// Where the bags begin and end, `[bags + 1]`: bag i is `values[rowSplits[i]..<rowSplits[i + 1]]`.
  public let rowSplits: [Int32]

  /// How often each of `values` is in its bag, `[nnz]`; nil if it is there once.
  public let counts: [Int32]?

  /// The number of bags.
  public var bagCount: Int { rowSplits.count - 1 }

  /// Bags given by their boundaries, perhaps with counts. Traps unless the boundaries begin with 0, never decrease and
  /// end with the number of values, and unless each value has a count, of at least 1. All counts together are at most
  /// 2³¹ − 1.
  public init(values: [Int32], rowSplits: [Int32], counts: [Int32]? = nil) {
    if let problem = Self.problem(rowSplits: rowSplits, count: values.count) ?? counts?.problem(of: values.count) {
      trap("RaggedIndices: \(problem)")
    }
    self.init(checked: values, rowSplits: rowSplits, counts: counts)
  }

  /// The same for what comes from bags that were checked. Only all counts together may be too large.
  package init(checked values: [Int32], rowSplits: [Int32], counts: [Int32]?) {
    (self.values, self.rowSplits, self.counts) = (values, rowSplits, counts)
  }

  /// Bags given one by one.
  public init(_ bags: [[Int32]]) {
    var splits: [Int32] = [0]
    splits.reserveCapacity(bags.count + 1)
    let count = bags.reduce(0) { $0 + $1.count }
    require(count <= Int32.max, "RaggedIndices: \(count) values, at most \(Int32.max)")
    for bag in bags { splits.append(splits.last! + Int32(bag.count)) }
    self.init(values: bags.flatMap(\.self), rowSplits: splits)
  }

  /// The same for row numbers that are `Int`.
  @_disfavoredOverload
  public init(_ bags: [[Int]]) { self.init(bags.map(Int.asInt32)) }

  /// Bags from a source that isn't trusted, for a table of `tableRows` rows.
  ///
  /// - Throws: `InvalidIndices`, which says what is wrong and where.
  public init(validating values: [Int32], rowSplits: [Int32], tableRows: Int) throws(InvalidIndices) {
    if let problem = Self.problem(rowSplits: rowSplits, count: values.count) ?? values.problem(tableRows: tableRows) {
      throw InvalidIndices(description: problem)
    }
    self.values = values
    self.rowSplits = rowSplits
    counts = nil
  }

  /// Some of the bags, by their numbers. Traps on numbers out of range.
  package func bags(_ numbers: ArraySlice<Int>) -> RaggedIndices {
    var splits: [Int32] = [0]
    splits.reserveCapacity(numbers.count + 1)
    for number in numbers { splits.append(splits.last! + (rowSplits[number + 1] - rowSplits[number])) }
    func chosen(_ list: [Int32]) -> [Int32] {
      var chosen: [Int32] = []
      chosen.reserveCapacity(Int(splits.last!))
      for number in numbers { chosen += list[Int(rowSplits[number])..<Int(rowSplits[number + 1])] }
      return chosen
    }
    return RaggedIndices(checked: chosen(values), rowSplits: splits, counts: counts.map(chosen))
  }

  /// The bags without one row number, and the positions of the row numbers that are left.
  package func removing(_ row: Int32) -> (bags: RaggedIndices, positions: [Int32]) {
    let positions = values.indices.lazy.filter { values[$0] != row }.map(Int32.init)
    var splits: [Int32] = [0]
    for bag in 0..<bagCount {
      let kept = values[Int(rowSplits[bag])..<Int(rowSplits[bag + 1])].count { $0 != row }
      splits.append(splits[bag] + Int32(kept))
    }
    func kept(_ list: [Int32]) -> [Int32] { positions.map { list[Int($0)] } }
    return (RaggedIndices(checked: kept(values), rowSplits: splits, counts: counts.map(kept)), Array(positions))
  }

  public var description: String {
    "RaggedIndices(values: \(values), rowSplits: \(rowSplits)\(counts.map { ", counts: \($0)" } ?? ""))"
  }

  /// What is wrong with the boundaries of bags of so many values altogether; nil if nothing is.
  static func problem(rowSplits: [Int32], count: Int) -> String? {
    guard let first = rowSplits.first else { return "no row splits, expected at least [0]" }
    guard first == 0 else { return "row splits begin with \(first), not 0" }
    for i in 1..<max(rowSplits.count, 1) where rowSplits[i] < rowSplits[i - 1] {
      return "row split \(i) is \(rowSplits[i]), less than the one before, \(rowSplits[i - 1])"
    }
    guard Int(rowSplits.last!) == count else {
      return "row splits end with \(rowSplits.last!), but there are \(count) values"
    }
    return nil
  }
}

/// Row numbers or boundaries that can't be used. The description says at which position, and what is expected there.
public struct InvalidIndices: Error, Hashable, CustomStringConvertible {
  public let description: String
}

extension [Int32] {
  /// What is wrong with these as the counts of so many values; nil if nothing is.
  fileprivate func problem(of valueCount: Int) -> String? {
    guard count == valueCount else { return "\(count) counts for \(valueCount) values" }
    var (sum, signs): (Int, Int32) = (0, 0)
    for count in self { (sum, signs) = (sum &+ Int(count), signs | count | (count &- 1)) }  // The sum can't overflow.
    if signs < 0 { return "count \(firstIndex { $0 < 1 }!) is \(first { $0 < 1 }!), expected at least 1" }
    guard sum <= Int32.max else { return "the counts add up to \(sum), at most \(Int32.max)" }
    return nil
  }

  /// The first row number outside of a table, as a message; nil if all are inside. O(n).
  package func problem(tableRows: Int) -> String? {
    // The sign of one of them tells, in a loop without branches, which processors run for several numbers at once.
    let last = Int32(clamping: Swift.max(tableRows, 0) - 1)
    var signs: Int32 = 0
    for index in self { signs |= index | (last &- index) }
    guard signs < 0 else { return nil }
    let position = firstIndex { $0 < 0 || $0 > last }!
    return "row number \(self[position]) at position \(position) is not in 0..<\(tableRows)"
  }

  /// The place of a number among these, which rise; nil if it isn't there.
  ///
  /// - Complexity: O(log n).
  package func placeInRisingNumbers(of number: Int32) -> Int32? {
    let place = firstPlaceInRisingNumbers(from: Int(number))
    return place < count && self[place] == number ? Int32(place) : nil
  }

  /// The place of the first of these numbers, which rise, that isn't below one; their count if all are.
  ///
  /// - Complexity: O(log n).
  package func firstPlaceInRisingNumbers(from number: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Int(self[middle]) < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
