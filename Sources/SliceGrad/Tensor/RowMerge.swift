import SliceGradKernels

/// How what some look-ups contribute to the rows of a table is merged: each row once, its contributions in the order of
/// the look-ups and of the positions in each.
///
/// The positions are sorted by their rows first, so that threads share the rows, and each one meets only the positions
/// of its own.
struct RowMerge {
  /// The row numbers that a look-up read, and the bags in which they are, if they are in bags.
  typealias Lookup = (indices: [Int32], splits: [Int32]?)

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
    let capacity = lookups.count * (rows.count + 1) + 2 * positionCount
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { room in
      rows.withUnsafeBufferPointer { rows in
        var free = room.baseAddress!
        let uses = lookups.indices.map { i in
          let (starts, positions) = (free, free + rows.count + 1)
          let bags = lookups[i].splits == nil ? nil : positions + lookups[i].indices.count
          free = positions + 2 * lookups[i].indices.count
          return SliceGradUses(
            starts: starts, positions: positions, bags: bags, rows: rows.baseAddress ?? UnsafePointer(free),
            isWhole: isWhole, accumulates: isWhole || i > 0)
        }
        Threads.forEachRange(of: uses.count, operations: positionCount) { first, end in
          for i in first..<end { sort(i, into: uses[i]) }
        }
        body(uses)
      }
    }
  }

  private func sort(_ i: Int, into uses: SliceGradUses) {
    let (indices, splits) = lookups[i]
    sortUses(
      numbering.places[i], indices.count, splits, splits.map { $0.count - 1 } ?? indices.count, rows.count,
      UnsafeMutablePointer(mutating: uses.starts), UnsafeMutablePointer(mutating: uses.positions),
      UnsafeMutablePointer(mutating: uses.bags))
  }
}
