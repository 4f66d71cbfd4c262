import SliceGradKernels

/// A source of random row numbers: negatives that a model has to tell from true rows.
///
///     let sampler = RowSampler(frequencies: [100, 10, 1, 0], power: 0.75)
///     print(sampler.probability(ofRow: 0))  // 0.826821618643347
///     var generator = RandomGenerator(seed: 1)
///     print(sampler.draw(5, using: &generator))  // [0, 0, 0, 0, 1]
///
/// Draws are independent of each other and with replacement. The same generator gives the same draws for any number of
/// threads.
///
/// Source: Walker, “An Efficient Method for Generating Discrete Random Variables with General Distributions” (1977);
/// the tables are built as in Vose, “A Linear Algorithm for Generating Random Numbers with a Given Distribution”
/// (1991).
public struct RowSampler: Sendable {
  /// The number of rows, v.
  public let rowCount: Int

  /// The probability of each row; empty if all are equal.
  private let probabilities: [Double]

  /// A row that shares its 1 / v of the random numbers with another one: those below `threshold` · 2⁻³² are its own.
  private struct Cell {
    var threshold: UInt32
    var alias: Int32
  }
  /// One for each row; none if all are equally likely.
  private let cells: [Cell]

  /// Draws all rows of a table with the same probability. Traps unless there is at least one.
  public init(rowCount: Int) {
    require((1...Int(Int32.max)).contains(rowCount), "RowSampler: \(rowCount) rows, expected 1...\(Int32.max)")
    (self.rowCount, probabilities, cells) = (rowCount, [], [])
  }

  /// Draws row i with a probability proportional to frequencies[i]ᵖᵒʷᵉʳ. word2vec takes the power 0.75 of how often a
  /// word occurs (Mikolov et al., “Distributed Representations of Words and Phrases and their Compositionality”, 2013).
  ///
  /// Traps on frequencies that are negative or not finite, on a negative power, and if none is above 0.
  ///
  /// - Complexity: O(v).
  public init(frequencies: [Double], power: Double = 1) {
    require(power >= 0 && power.isFinite, "RowSampler: power \(power), expected 0 or more")
    require((1...Int(Int32.max)).contains(frequencies.count), "RowSampler: \(frequencies.count) frequencies")
    if let row = frequencies.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      trap("RowSampler: the frequency of row \(row) is \(frequencies[row]), expected 0 or more")
    }
    let weights = frequencies.map { pow($0, power) }
    let total = weights.reduce(0, +)
    require(total > 0 && total.isFinite, "RowSampler: the \(frequencies.count) frequencies add up to \(total)")
    rowCount = frequencies.count
    probabilities = weights.map { $0 / total }
    cells = Self.cells(probabilities)
  }

  /// The same for frequencies that were counted.
  public init(frequencies: [Int], power: Double = 1) {
    self.init(frequencies: frequencies.map(Double.init), power: power)
  }

  /// The probability with which a draw is this row. Traps on row numbers outside of `0..<v`.
  public func probability(ofRow row: Int) -> Double {
    require((0..<rowCount).contains(row), "RowSampler: row \(row) is not in 0..<\(rowCount)")
    return probabilities.isEmpty ? 1 / Double(rowCount) : probabilities[row]
  }

  /// Random row numbers.
  ///
  /// - Complexity: O(`count`).
  public func draw(_ count: Int, using generator: inout RandomGenerator) -> [Int32] {
    draw(count, using: &generator) { _, _ in true }
  }

  /// For each of some lists of true rows, random row numbers that aren't in the list: `[lists · count]`, list by list.
  /// Their probabilities are those of the other rows, in proportion. Traps if a list leaves no row that could be drawn.
  ///
  ///     let sampler = RowSampler(rowCount: 4)
  ///     var generator = RandomGenerator(seed: 1)
  ///     print(sampler.draw(3, without: RaggedIndices([[0, 1, 2], [3]]), using: &generator))  // [3, 3, 3, 0, 1, 1]
  ///
  /// - Complexity: O(n) for each draw, if a list has n rows, as long as they don't have nearly all of the probability.
  public func draw(_ count: Int, without excluded: RaggedIndices, using generator: inout RandomGenerator) -> [Int32] {
    let (rows, splits) = (excluded.values, excluded.rowSplits)
    return draw(excluded.bagCount * count, using: &generator) { position, row in
      let list = position / count
      return !rows[Int(splits[list])..<Int(splits[list + 1])].contains(row)
    }
  }

  /// For each of some true rows, random row numbers other than it: `[rows · count]`, row by row. See the function for
  /// lists.
  public func draw(
    _ count: Int, without excluded: [some RowNumber], using generator: inout RandomGenerator
  ) -> [Int32] {
    let rows = type(of: excluded).Element.asInt32(excluded)
    return draw(rows.count * count, using: &generator) { position, row in rows[position / count] != row }
  }

  // MARK: Drawing

  /// Draws a row for each position: the first one that the position accepts. Each draw has random numbers of its own,
  /// which follow from the position, so that several threads may draw.
  private func draw(
    _ count: Int, using generator: inout RandomGenerator, _ isAccepted: (_ position: Int, _ row: Int32) -> Bool
  ) -> [Int32] {
    require(count >= 0, "RowSampler: \(count) draws")
    let state = generator.next()
    return [Int32](unsafeUninitializedCapacity: count) { draws, drawCount in
      let draws = draws
      Threads.forEachRange(of: count, operations: 32) { first, end in
        for position in first..<end { draws[position] = row(at: position, of: count, after: state, isAccepted) }
      }
      drawCount = count
    }
  }

  private func row(
    at position: Int, of count: Int, after state: UInt64, _ isAccepted: (_ position: Int, _ row: Int32) -> Bool
  ) -> Int32 {
    let attempts = 64
    for attempt in 0..<attempts {
      let row = self.row(for: RandomGenerator.number(attempt * count + position, after: state))
      if isAccepted(position, row) { return row }
    }
    // The rows that are left have so little probability that they are better looked for.
    let left = (0..<Int32(rowCount)).filter { probability(ofRow: Int($0)) > 0 && isAccepted(position, $0) }
    require(!left.isEmpty, "RowSampler: no row is left for draw \(position), all of \(rowCount) are excluded")
    let others = RowSampler(frequencies: left.map { probability(ofRow: Int($0)) })
    return left[Int(others.row(for: RandomGenerator.number(attempts * count + position, after: state)))]
  }

  /// The row that 64 random bits stand for. Taken as a number in 0 ..< v, their integer part chooses a cell, and their
  /// fraction one of the two rows in it.
  private func row(for bits: UInt64) -> Int32 {
    let (cell, fraction) = bits.multipliedFullWidth(by: UInt64(rowCount))
    guard !cells.isEmpty else { return Int32(cell) }
    return UInt32(fraction >> 32) < cells[Int(cell)].threshold ? Int32(cell) : cells[Int(cell)].alias
  }

  /// Fills each cell up to 1 / v: what a rare row leaves free is given to a frequent one, which so becomes rarer.
  private static func cells(_ probabilities: [Double]) -> [Cell] {
    let count = probabilities.count
    var shares = probabilities.map { $0 * Double(count) }
    var cells = probabilities.indices.map { Cell(threshold: .max, alias: Int32($0)) }
    var rare = shares.indices.filter { shares[$0] < 1 }
    var frequent = shares.indices.filter { shares[$0] >= 1 }
    while let row = rare.popLast(), let other = frequent.last {
      cells[row] = Cell(threshold: UInt32(shares[row] * 0x1p32), alias: Int32(other))
      shares[other] -= 1 - shares[row]
      if shares[other] < 1 { rare.append(frequent.removeLast()) }
    }
    // Those that rounding has left are filled by themselves, but never by a row without probability.
    let likely = Int32(probabilities.firstIndex { $0 > 0 }!)
    for row in rare where probabilities[row] == 0 { cells[row] = Cell(threshold: 0, alias: likely) }
    return cells
  }
}
