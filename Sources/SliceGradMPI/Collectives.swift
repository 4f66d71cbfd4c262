import SliceGrad

/// Each function says how many bytes a rank sends. N is the number of ranks, and w the size of an element in bytes.
extension Communicator {
  /// Returns when all ranks have called it. Sends nothing that counts.
  public func barrier() throws(CommunicatorError) { try perform(.barrier) }

  /// Replaces the elements by those of rank 0. Arrays have the same length on all ranks.
  ///
  /// Rank 0 sends (N − 1) n w bytes for n elements.
  public func broadcast<Element: MessageElement>(_ elements: inout [Element]) throws(CommunicatorError) {
    try elements.withUnsafeMutableBufferPointer { (elements) throws(CommunicatorError) in try broadcast(elements) }
  }

  /// All ranks' elements, by rank: as many as each has, perhaps none.
  ///
  ///     let all = try Communicator.threads(3) { ranks in try ranks.allGather([Int32(ranks.rank)]) }
  ///     print(all[2])  // [[0], [1], [2]]
  ///
  /// A rank sends (N − 1)(n w + 24) bytes for its n elements: a message with their number goes before them.
  public func allGather<Element: MessageElement>(_ elements: [Element]) throws(CommunicatorError) -> [[Element]] {
    let before = enter(.allGather)
    defer { function = before }
    let counts = try announce([(Int, Int)](repeating: (elements.count, 0), count: count)).map(\.0)
    return try allGather(elements, counts: counts).blocks(of: counts)
  }

  /// All ranks' elements in one array, in the order of the ranks, if each knows how many the others have.
  ///
  /// A rank sends (N − 1) n w bytes for its n elements.
  ///
  /// - Parameters:
  ///   - elements: this rank's.
  ///   - counts: the number of elements by rank, the same on all ranks.
  public func allGather<Element: MessageElement>(
    _ elements: [Element], counts: [Int]
  ) throws(CommunicatorError) -> [Element] {
    try received(counts) { (all) throws(CommunicatorError) in
      try elements.withUnsafeBufferPointer { (own) throws(CommunicatorError) in
        try allGather(own, into: all, counts: counts)
      }
    }
  }

  /// All ranks' elements, by rank, on rank 0; no blocks on others.
  ///
  /// A rank sends 24 (N − 1) bytes, and each but 0 n w + 8 more for its n elements.
  public func gather<Element: MessageElement>(_ elements: [Element]) throws(CommunicatorError) -> [[Element]] {
    let before = enter(.gather)
    defer { function = before }
    if before == nil { try announce() }  // In another function, ranks are together already.
    let ones = [Int](repeating: 1, count: rank == 0 ? count : 0)
    let counts = try gather([Int64(elements.count)], counts: ones).map { Int($0) }
    return try gather(elements, counts: counts).blocks(of: counts)
  }

  /// Sends a block to each rank, and returns the blocks that each sends to this one.
  ///
  ///     let blocks = try Communicator.threads(2) { ranks in
  ///       try ranks.allToAll([[0, 1], [2]] as [[Int32]])
  ///     }
  ///     print(blocks[0], blocks[1])  // [[0, 1], [0, 1]] [[2], [2]]
  ///
  /// A rank sends n w + 24 (N − 1) bytes for n elements to other ranks: messages with their numbers go before them.
  ///
  /// - Parameter blocks: one for each rank, perhaps empty.
  public func allToAll<Element: MessageElement>(_ blocks: [[Element]]) throws(CommunicatorError) -> [[Element]] {
    require(blocks.count == count, "allToAll: \(blocks.count) blocks for \(count) ranks")
    let before = enter(.allToAll)
    defer { function = before }
    let counts = blocks.map(\.count)
    let others = try announce(counts.map { ($0, 0) }).map(\.0)
    return try allToAll(blocks.flatMap(\.self), counts: counts, receiving: others).blocks(of: others)
  }

  /// The same for blocks that lie in one array each, if each rank knows how many elements it gets from each.
  ///
  /// A rank sends n w bytes for n elements to other ranks.
  ///
  /// - Parameters:
  ///   - elements: those for rank 0, then those for rank 1, ….
  ///   - counts: how many of them are for each rank.
  ///   - others: how many elements each rank sends here.
  /// - Returns: those of rank 0, then those of rank 1, ….
  public func allToAll<Element: MessageElement>(
    _ elements: [Element], counts: [Int], receiving others: [Int]
  ) throws(CommunicatorError) -> [Element] {
    try received(others) { (received) throws(CommunicatorError) in
      try elements.withUnsafeBufferPointer { (elements) throws(CommunicatorError) in
        try allToAll(elements, counts: counts, into: received, counts: others)
      }
    }
  }

  private func gather<Element: MessageElement>(
    _ elements: [Element], counts: [Int]
  ) throws(CommunicatorError) -> [Element] {
    try elements.withUnsafeBufferPointer { (own) throws(CommunicatorError) in try gather(own, counts: counts) }
  }

  /// All ranks' elements on rank 0, in the order of the ranks. `counts` is empty on all others, and so is the result.
  func gather<Element: MessageElement>(
    _ elements: UnsafeBufferPointer<Element>, counts: [Int]
  ) throws(CommunicatorError) -> [Element] {
    try received(counts) { (all) throws(CommunicatorError) in try gather(elements, into: all, counts: counts) }
  }

  /// An array of blocks of these lengths, which the body fills.
  private func received<Element: MessageElement>(
    _ counts: [Int], _ fill: (UnsafeMutableBufferPointer<Element>) throws(CommunicatorError) -> Void
  ) throws(CommunicatorError) -> [Element] {
    let total = counts.reduce(0, +)
    return try [Element](unsafeUninitializedCapacity: total) { (buffer, count) throws(CommunicatorError) in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<total]))
      count = total
    }
  }
}

/// The same for elements anywhere in memory, without a copy: a tensor's, for example. Nobody else touches them then.
extension Communicator {
  package func broadcast<Element: MessageElement>(
    _ elements: UnsafeMutableBufferPointer<Element>
  ) throws(CommunicatorError) {
    try perform(.broadcast(Blocks(elements, counts: [elements.count], "broadcast")))
  }

  package func allGather<Element: MessageElement>(
    _ own: UnsafeBufferPointer<Element>, into all: UnsafeMutableBufferPointer<Element>, counts: [Int]
  ) throws(CommunicatorError) {
    require(counts.count == count, "allGather: \(counts.count) counts for \(count) ranks")
    let own = Blocks(UnsafeMutableBufferPointer(mutating: own), counts: [counts[rank]], "allGather")
    try perform(.allGather(own: own, all: Blocks(all, counts: counts, "allGather")))
  }

  /// `all` and `counts` are empty on all ranks but 0.
  package func gather<Element: MessageElement>(
    _ own: UnsafeBufferPointer<Element>, into all: UnsafeMutableBufferPointer<Element>, counts: [Int]
  ) throws(CommunicatorError) {
    require(counts.count == (rank == 0 ? count : 0), "gather: \(counts.count) counts on rank \(rank) of \(count)")
    let own = Blocks(UnsafeMutableBufferPointer(mutating: own), counts: [own.count], "gather")
    try perform(.gather(own: own, all: Blocks(all, counts: counts, "gather")))
  }

  package func allToAll<Element: MessageElement>(
    _ out: UnsafeBufferPointer<Element>, counts: [Int], into received: UnsafeMutableBufferPointer<Element>,
    counts others: [Int]
  ) throws(CommunicatorError) {
    require(
      counts.count == count && others.count == count,
      "allToAll: \(counts.count) and \(others.count) counts for \(count) ranks")
    let out = Blocks(UnsafeMutableBufferPointer(mutating: out), counts: counts, "allToAll")
    try perform(.allToAll(out: out, in: Blocks(received, counts: others, "allToAll")))
  }
}

extension Array {
  /// The elements in blocks of these lengths.
  fileprivate func blocks(of counts: [Int]) -> [[Element]] {
    var first = 0
    return counts.map { count in
      defer { first += count }
      return Array(self[first..<first + count])
    }
  }
}
