import SliceGradKernels

/// How what some look-ups contribute to the rows of a table is merged: each row once, its contributions in the order of
/// the look-ups and of the positions in each.
///
/// The positions are sorted by their rows first, so that threads share the rows, and each one meets only the positions
/// of its own. One thread sorts: two would write to the same cache lines, and take longer.
struct RowMerge {
  /// Row numbers that a look-up read. It may have read several such lists, through which its positions and its bags are
  /// numbered.
  struct RowList {
    let indices: [Int32]
    /// Where their bags begin and end, if they are in bags. Otherwise each position counts as a bag.
    var splits: [Int32]?

    fileprivate var bagCount: Int { splits.map { $0.count - 1 } ?? indices.count }
  }

  /// The distinct rows, in the order of their first appearance.
  let rows: [Int32]

  /// For each look-up and each of the rows, where its uses begin among those of the look-up; and where the last ends.
  private let starts: [Int32]

  /// The uses of the rows by the first look-up, by the second one, ….
  private let uses: [SliceGradUse]

  /// - Parameters:
  ///   - lookups: the lists that each look-up read.
  ///   - tableRows: how many rows the table has.
  /// - Complexity: O(n) for n positions.
  init(_ lookups: [[RowList]], tableRows: Int) {
    let numbering = RowNumbering(lookups.flatMap { $0.map(\.indices) }, tableRows: tableRows)
    let (rows, positionCount) = (numbering.rows, numbering.places.reduce(0) { $0 + $1.count })
    var starts = [Int32](repeating: 0, count: lookups.count * (rows.count + 1))
    uses = [SliceGradUse](unsafeUninitializedCapacity: positionCount) { uses, count in
      starts.withUnsafeMutableBufferPointer { starts in
        guard var start = starts.baseAddress, let firstUse = uses.baseAddress else { return }
        var unread = numbering.places[...]
        for lists in lookups {
          let places = unread.prefix(lists.count)
          Self.sort(lists, Array(places), rowCount: rows.count, start, firstUse + count)
          count += Int(start[rows.count])
          start += rows.count + 1
          unread.removeFirst(lists.count)
        }
      }
    }
    (self.rows, self.starts) = (rows, starts)
  }

  /// Sorts the positions of a look-up by their rows, whose places among the distinct rows are given.
  private static func sort(
    _ lists: [RowList], _ places: [[Int32]], rowCount: Int, _ starts: UnsafeMutablePointer<Int32>,
    _ uses: UnsafeMutablePointer<SliceGradUse>
  ) {
    for places in places { countUses(places, places.count, starts) }
    startUses(starts, rowCount)
    var (position, bag) = (0, 0)
    for (list, places) in zip(lists, places) {
      let first = SliceGradUse(position: Int32(position), bag: Int32(bag))
      placeUses(places, list.splits, list.bagCount, first, starts, uses)
      position += places.count
      bag += list.bagCount
    }
  }

  /// Calls the body with ranges of the distinct rows, possibly concurrently, and with the uses of all rows by each
  /// look-up.
  ///
  /// - Parameters:
  ///   - columns: how many elements a row has.
  ///   - isWhole: whether sums are added to those of the whole table, and don't stand in the order of `rows`.
  /// - Complexity: that of the body.
  func forEachRange(
    columns: Int, isWhole: Bool = false, _ body: (_ uses: [SliceGradUses], _ first: Int, _ end: Int) -> Void
  ) {
    guard !rows.isEmpty else { return }
    let lookupCount = starts.count / (rows.count + 1)
    func pass(_ rows: UnsafePointer<Int32>, _ starts: UnsafePointer<Int32>, _ uses: UnsafePointer<SliceGradUse>) {
      var (starts, uses) = (starts, uses)
      let views = (0..<lookupCount).map { lookup in
        defer {
          uses += Int(starts[self.rows.count])
          starts += self.rows.count + 1
        }
        return SliceGradUses(
          starts: starts, uses: uses, rows: rows, isWhole: isWhole, accumulates: isWhole || lookup > 0)
      }
      let operations = columns * (self.uses.count / self.rows.count + 1)
      Threads.forEachRange(of: self.rows.count, operations: operations) { body(views, $0, $1) }
    }
    pass(rows, starts, uses)
  }
}
