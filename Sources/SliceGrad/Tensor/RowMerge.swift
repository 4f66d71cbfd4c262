import SliceGradKernels

/// How what some look-ups contribute to the rows of a table is merged: each row once, its contributions in the order of
/// the look-ups and of the positions in each.
///
/// The positions are sorted by their rows first, so that threads share the rows, and each one meets only the positions
/// of its own.
struct RowMerge {
  /// The row numbers that a look-up read.
  struct Lookup {
    let indices: [Int32]
    /// Where their bags begin and end, if they are in bags.
    var splits: [Int32]?
    /// Whether it matters at which positions of a bag its row numbers are.
    var needsPositions = true

    fileprivate var bagCount: Int { splits.map { $0.count - 1 } ?? indices.count }

    /// In how many parts the positions are sorted, which threads share: no more than there are positions for each row,
    /// as a part counts the uses of each of the distinct rows.
    fileprivate func partCount(rowCount: Int) -> Int {
      max(min(Threads.count, 4 * indices.count / Threads.worthwhile, 2 * indices.count / (rowCount + 1)), 1)
    }
  }

  private let lookups: [Lookup]
  private let numbering: RowNumbering

  /// - Complexity: O(n) for n positions.
  init(_ lookups: [Lookup]) {
    self.lookups = lookups
    numbering = RowNumbering(lookups.map(\.indices))
  }

  /// The distinct rows, in the order of their first appearance.
  var rows: [Int32] { numbering.rows }

  /// Calls the body with ranges of the distinct rows, possibly concurrently, and with the uses of all rows by each
  /// look-up.
  ///
  /// - Parameters:
  ///   - columns: how many elements a row has.
  ///   - isWhole: whether sums are added to those of the whole table, and don't stand in the order of `rows`.
  /// - Complexity: O(n) for n positions, plus the body's work.
  func forEachRange(
    columns: Int, isWhole: Bool = false, _ body: (_ uses: [SliceGradUses], _ first: Int, _ end: Int) -> Void
  ) {
    let positionCount = lookups.reduce(0) { $0 + $1.indices.count }
    withUses(isWhole: isWhole, positionCount) { uses in
      let operations = columns * (positionCount / max(rows.count, 1) + 1)
      Threads.forEachRange(of: rows.count, operations: operations) { body(uses, $0, $1) }
    }
  }

  /// Sorts the positions of each look-up by their rows. They are valid until the body returns.
  private func withUses(isWhole: Bool, _ positionCount: Int, _ body: ([SliceGradUses]) -> Void) {
    let partCounts = lookups.map { $0.partCount(rowCount: rows.count) }
    let capacity = partCounts.reduce(0, +) * (rows.count + 1) + 2 * positionCount
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { room in
      rows.withUnsafeBufferPointer { rows in
        var free = room.baseAddress!
        func take(_ count: Int) -> UnsafeMutablePointer<Int32> {
          defer { free += count }
          return free
        }
        let uses = lookups.enumerated().map { i, lookup in
          let starts = take(partCounts[i] * (rows.count + 1))
          let bags = lookup.splits.map { _ in take(lookup.indices.count) }
          let positions = lookup.needsPositions || bags == nil ? take(lookup.indices.count) : nil
          sort(i, partCounts[i], starts, positions, bags)
          return SliceGradUses(
            starts: starts + (partCounts[i] - 1) * (rows.count + 1), positions: positions, bags: bags,
            rows: rows.baseAddress ?? UnsafePointer(free), isWhole: isWhole, accumulates: isWhole || i > 0)
        }
        body(uses)
      }
    }
  }

  /// Sorts the positions of a look-up by their rows.
  private func sort(
    _ i: Int, _ partCount: Int, _ starts: UnsafeMutablePointer<Int32>, _ positions: UnsafeMutablePointer<Int32>?,
    _ bags: UnsafeMutablePointer<Int32>?
  ) {
    let (numbers, splits, bagCount) = (numbering.places[i], lookups[i].splits, lookups[i].bagCount)
    func forEachPart(_ body: (_ starts: UnsafeMutablePointer<Int32>, _ first: Int, _ end: Int) -> Void) {
      Threads.forEachRange(of: partCount, operations: Threads.worthwhile) { first, end in
        for part in first..<end {
          body(starts + part * (rows.count + 1), bagCount * part / partCount, bagCount * (part + 1) / partCount)
        }
      }
    }
    starts.initialize(repeating: 0, count: partCount * (rows.count + 1))
    forEachPart { countUses(numbers, splits, $0, $1, $2) }
    startUses(starts, partCount, rows.count)
    forEachPart { placeUses(numbers, splits, $0, positions, bags, $1, $2) }
  }
}
