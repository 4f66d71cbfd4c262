/// An exchange in which all ranks take part, as one rank sees it: where its elements are, and where those of others go.
/// Nobody reads or writes them before it is begun or after it has ended.
enum Collective {
  case barrier
  /// Rank 0 sends the same to all.
  case broadcast(Blocks)
  /// Each rank sends its block to all.
  case allGather(own: Blocks, all: Blocks)
  /// Each rank sends its block to rank 0, where alone `all` isn't empty.
  case gather(own: Blocks, all: Blocks)
  /// Each rank sends each rank another block.
  case allToAll(out: Blocks, in: Blocks)

  /// What this rank sends to another one or to itself; `nil` if nothing, which is less than an empty message.
  func outgoing(to other: Int, from rank: Int) -> UnsafeRawBufferPointer? {
    switch self {
    case .barrier: UnsafeRawBufferPointer(start: nil, count: 0)
    case .broadcast(let elements): rank == 0 ? UnsafeRawBufferPointer(elements.bytes) : nil
    case .allGather(let own, _): UnsafeRawBufferPointer(own.bytes)
    case .gather(let own, _): other == 0 ? UnsafeRawBufferPointer(own.bytes) : nil
    case .allToAll(let out, _): UnsafeRawBufferPointer(out[other])
    }
  }

  /// Where this rank wants what another one or it itself sends; `nil` if there is nothing to wait for.
  func incoming(from other: Int, to rank: Int) -> UnsafeMutableRawBufferPointer? {
    switch self {
    case .barrier: UnsafeMutableRawBufferPointer(start: nil, count: 0)
    case .broadcast(let elements): other == 0 ? elements.bytes : nil
    case .allGather(_, let all): all[other]
    case .gather(_, let all): rank == 0 ? all[other] : nil
    case .allToAll(_, let blocks): blocks[other]
    }
  }

  /// How many bytes this rank sends to others.
  ///
  /// - Complexity: O(`count`).
  func sentByteCount(from rank: Int, of count: Int) -> Int {
    switch self {
    case .barrier: 0
    case .broadcast(let elements): rank == 0 ? elements.bytes.count * (count - 1) : 0
    case .allGather(let own, _): own.bytes.count * (count - 1)
    case .gather(let own, _): rank == 0 ? 0 : own.bytes.count
    case .allToAll(let out, _): out.bytes.count - out[rank].count
    }
  }

  var kind: CollectiveKind {
    switch self {
    case .barrier: .barrier
    case .broadcast: .broadcast
    case .allGather: .allGather
    case .gather: .gather
    case .allToAll: .allToAll
    }
  }
}

/// Collectives by name, and the end of a run, which is waited for likewise.
enum CollectiveKind: Int {
  case barrier, broadcast, allGather, gather, allToAll, end

  var name: String {
    switch self {
    case .barrier: "barrier"
    case .broadcast: "broadcast"
    case .allGather: "all-gather"
    case .gather: "gather"
    case .allToAll: "all-to-all"
    case .end: "end"
    }
  }
}
