import SliceGrad

/// Bags on their way to the ranks that have their rows. Each rank gets all of them, with those of the row numbers whose
/// rows it has, in their order, and their counts.
struct DealtBags {
  /// What goes to each rank.
  let heads: [Head]
  /// For each rank where its bags end, its row numbers, and their counts if there are any.
  let message: [Int32]

  /// What one rank sends to another.
  struct Head {
    let bagCount: Int
    let rowCount: Int
    let areCounted: Bool

    /// How many numbers of the message belong to it.
    var length: Int { bagCount + (areCounted ? 2 : 1) * rowCount }
  }

  /// Deals out the bags of this rank's parts to `count` ranks.
  ///
  /// - Parameter owners: the rank that has each class of rows. The number of classes is a power of 2.
  init(_ parts: [RaggedIndices], to count: Int, by owners: [Int]) {
    let (bagCount, rowCount) = parts.reduce((0, 0)) { ($0.0 + $1.bagCount, $0.1 + $1.values.count) }
    require(rowCount <= Int32.max, "a look-up of bags: \(rowCount) row numbers on one rank, at most \(Int32.max)")
    let areCounted = parts.contains { $0.counts != nil }
    let classes = RowOwners(ofClasses: owners.map { Int32($0) })
    // For each rank the ends of all bags among its row numbers, and for each row number its place there.
    var (sizes, ends) = ([Int32](repeating: 0, count: count), [Int32](repeating: 0, count: count * bagCount))
    var (firstBag, places): (Int, [[Int32]]) = (0, [])
    for part in parts {
      places.append(
        [Int32](unsafeUninitializedCapacity: part.values.count) { places, placeCount in
          for bag in 0..<part.bagCount {
            let positions = Int(part.rowSplits[bag])..<Int(part.rowSplits[bag + 1])
            classes.place(part.values, positions, &sizes, places.baseAddress!)
            for rank in 0..<count { ends[rank * bagCount + firstBag + bag] = sizes[rank] }
          }
          placeCount = part.values.count
        })
      firstBag += part.bagCount
    }
    heads = sizes.map { Head(bagCount: bagCount, rowCount: Int($0), areCounted: areCounted) }
    let starts = heads.map(\.length).firsts
    message = [Int32](unsafeUninitializedCapacity: heads.reduce(0) { $0 + $1.length }) { [heads] message, length in
      for (rank, start) in starts.enumerated() {
        _ = message[start...].update(fromContentsOf: ends[rank * bagCount..<(rank + 1) * bagCount])
      }
      let rowStarts = starts.map { $0 + bagCount }
      let countStarts = zip(rowStarts, heads).map { $0 + $1.rowCount }
      for (part, places) in zip(parts, places) {
        classes.scatter(part.values, of: part.values, to: message.baseAddress!, rowStarts, places)
        guard areCounted else { continue }
        let counts = part.counts ?? [Int32](repeating: 1, count: part.values.count)
        classes.scatter(counts, of: part.values, to: message.baseAddress!, countStarts, places)
      }
      length = message.count
    }
  }
}

/// Which rank has a row.
private struct RowOwners {
  let ofClasses: [Int32]

  /// Counts the rows at some positions by their ranks, and writes for each how many its rank had before.
  func place(
    _ rows: UnsafePointer<Int32>, _ positions: Range<Int>, _ sizes: UnsafeMutablePointer<Int32>,
    _ places: UnsafeMutablePointer<Int32>
  ) {
    let mask = Int32(ofClasses.count - 1)
    ofClasses.withUnsafeBufferPointer { ofClasses in
      for position in positions {
        let size = sizes + Int(ofClasses[Int(rows[position] & mask)])
        places[position] = size.pointee
        size.pointee &+= 1
      }
    }
  }

  /// Writes an element for each row to its place in the block of its rank.
  func scatter(
    _ elements: UnsafePointer<Int32>, of rows: [Int32], to message: UnsafeMutablePointer<Int32>, _ starts: [Int],
    _ places: UnsafePointer<Int32>
  ) {
    let mask = Int32(ofClasses.count - 1)
    let startsOfClasses = ofClasses.map { starts[Int($0)] }
    startsOfClasses.withUnsafeBufferPointer { starts in
      for (position, row) in rows.enumerated() {
        message[starts[Int(row & mask)] + Int(places[position])] = elements[position]
      }
    }
  }
}

extension RaggedIndices {
  /// The bags that come from all ranks, rank by rank. If any have counts, so do all.
  init(_ message: [Int32], heads: [DealtBags.Head]) {
    let rowCount = heads.reduce(0) { $0 + $1.rowCount }
    let areCounted = heads.contains(where: \.areCounted)
    var (splits, values, counts): ([Int32], [Int32], [Int32]) = ([0], [], [])
    splits.reserveCapacity(1 + heads.reduce(0) { $0 + $1.bagCount })
    values.reserveCapacity(rowCount)
    counts.reserveCapacity(areCounted ? rowCount : 0)
    var unread = message[...]
    func next(_ count: Int) -> ArraySlice<Int32> {
      defer { unread.removeFirst(count) }
      return unread.prefix(count)
    }
    for head in heads {
      let first = Int32(values.count)
      for end in next(head.bagCount) { splits.append(first + end) }
      values += next(head.rowCount)
      guard areCounted else { continue }
      counts += head.areCounted ? next(head.rowCount) : [Int32](repeating: 1, count: head.rowCount)[...]
    }
    self.init(checked: values, rowSplits: splits, counts: areCounted ? counts : nil)
  }

  /// These bags and others after them. If any have counts, so do all.
  init(joining parts: [RaggedIndices]) {
    var splits: [Int32] = [0]
    splits.reserveCapacity(1 + parts.reduce(0) { $0 + $1.bagCount })
    for part in parts {
      let first = splits.last!
      for end in part.rowSplits.dropFirst() { splits.append(first + end) }
    }
    let areCounted = parts.contains { $0.counts != nil }
    self.init(
      checked: parts.flatMap(\.values), rowSplits: splits,
      counts: areCounted ? parts.flatMap { $0.counts ?? Array(repeating: 1, count: $0.values.count) } : nil)
  }
}
