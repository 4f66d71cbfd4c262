import SliceGradKernels

/// How what some look-ups contribute to the rows of a table is merged: each row once, its contributions in the order of
/// the look-ups and of the positions in each.
///
/// The positions are sorted by their rows first, so that threads share the rows, and each one meets only the positions
/// of its own. One thread sorts: two would write to the same cache lines, and take longer.
struct RowMerge {
  /// The row numbers that a look-up read.
  struct Lookup {
    let indices: [Int32]
    /// Where their bags begin and end, if they are in bags. Otherwise each position counts as a bag.
    var splits: [Int32]?

    fileprivate var bagCount: Int { splits.map { $0.count - 1 } ?? indices.count }
  }

  /// The distinct rows, in the order of their first appearance.
  let rows: [Int32]

  /// For each run and each of the rows, where its uses begin among those of the run; and where the last ends.
  private let starts: [Int32]

  /// The uses of the rows by the first run, by the second one, ….
  private let uses: [SliceGradUse]

  /// - Parameter runs: runs of look-ups whose positions and bags are numbered from one look-up to the next.
  /// - Complexity: O(n) for n positions.
  init(_ runs: [[Lookup]]) {
    let numbering = RowNumbering(runs.flatMap { $0.map(\.indices) })
    let (rows, positionCount) = (numbering.rows, numbering.places.reduce(0) { $0 + $1.count })
    var starts = [Int32](repeating: 0, count: runs.count * (rows.count + 1))
    // As in `RowNumbering`: nothing is written to the empty array that all threads share.
    guard positionCount > 0 else {
      (self.rows, self.starts, uses) = (rows, starts, [])
      return
    }
    uses = [SliceGradUse](unsafeUninitializedCapacity: positionCount) { uses, count in
      starts.withUnsafeMutableBufferPointer { starts in
        guard var start = starts.baseAddress, let firstUse = uses.baseAddress else { return }
        var unread = numbering.places[...]
        for run in runs {
          Self.sort(run, unread.prefix(run.count), rowCount: rows.count, start, firstUse + count)
          count += Int(start[rows.count])
          start += rows.count + 1
          unread.removeFirst(run.count)
        }
      }
    }
    (self.rows, self.starts) = (rows, starts)
  }

  /// Sorts the positions of a run by their rows, whose places among the distinct rows are given.
  private static func sort(
    _ run: [Lookup], _ places: ArraySlice<[Int32]>, rowCount: Int, _ starts: UnsafeMutablePointer<Int32>,
    _ uses: UnsafeMutablePointer<SliceGradUse>
  ) {
    for places in places { countUses(places, places.count, starts) }
    startUses(starts, rowCount)
    var (position, bag) = (0, 0)
    for (lookup, places) in zip(run, places) {
      let first = SliceGradUse(position: Int32(position), bag: Int32(bag))
      placeUses(places, lookup.splits, lookup.bagCount, first, starts, uses)
      position += places.count
      bag += lookup.bagCount
    }
  }

  /// Calls the body with ranges of the distinct rows, possibly concurrently, and with the uses of all rows by each run.
  ///
  /// - Parameters:
  ///   - columns: how many elements a row has.
  ///   - isWhole: whether sums are added to those of the whole table, and don't stand in the order of `rows`.
  /// - Complexity: that of the body.
  func forEachRange(
    columns: Int, isWhole: Bool = false, _ body: (_ uses: [SliceGradUses], _ first: Int, _ end: Int) -> Void
  ) {
    guard !rows.isEmpty else { return }
    let runCount = starts.count / (rows.count + 1)
    func pass(_ rows: UnsafePointer<Int32>, _ starts: UnsafePointer<Int32>, _ uses: UnsafePointer<SliceGradUse>) {
      var (starts, uses) = (starts, uses)
      let views = (0..<runCount).map { run in
        defer {
          uses += Int(starts[self.rows.count])
          starts += self.rows.count + 1
        }
        return SliceGradUses(
          starts: starts, uses: uses, rows: rows, isWhole: isWhole, accumulates: isWhole || run > 0)
      }
      let operations = columns * (self.uses.count / self.rows.count + 1)
      Threads.forEachRange(of: self.rows.count, operations: operations) { body(views, $0, $1) }
    }
    pass(rows, starts, uses)
  }
}
