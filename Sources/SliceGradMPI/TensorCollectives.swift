package import SliceGrad

// Tensors as they are in memory. Only what is gathered on rank 0 is copied, a round at a time.

extension Communicator {
  /// All ranks' elements on rank 0 as a tensor, in the order of the ranks. They come in rounds, since there may be more
  /// of them than MPI can count.
  ///
  /// - Parameter atOnce: how many elements come in a round.
  package func gather<Scalar: TensorScalar & MessageElement>(
    _ own: Tensor<Scalar>, counts: [Int], shape: Shape, atOnce: Int = 1 << 24
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    let most = Int(try allGather([Int64(own.count)], counts: [Int](repeating: 1, count: count)).max()!)
    let length = max(atOnce / count, 1)
    return try received(shape) { (all) throws(CommunicatorError) in
      require(counts.reduce(0, +) == all.count, "gather: blocks of \(counts) elements for \(all.count)")
      try own.withBuffer { (own) throws(CommunicatorError) in
        for first in stride(from: 0, to: most, by: length) {
          let round = first..<first + length
          let part = UnsafeBufferPointer(rebasing: own[round.clamped(to: 0..<own.count)])
          let sizes = counts.map { round.clamped(to: 0..<$0).count }
          let arrived = try gather(part, counts: sizes)
          all.take(arrived, in: sizes, from: first, ofBlocks: counts)
        }
      }
    }
  }

  /// All ranks' elements as a tensor, in the order of the ranks.
  func allGather<Scalar: TensorScalar & MessageElement>(
    _ own: Tensor<Scalar>, counts: [Int], shape: Shape
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    try received(shape) { (all) throws(CommunicatorError) in
      try own.withBuffer { (own) throws(CommunicatorError) in try allGather(own, into: all, counts: counts) }
    }
  }

  /// The elements that each rank sends here as a tensor, in the order of the ranks.
  func allToAll<Scalar: TensorScalar & MessageElement>(
    _ out: Tensor<Scalar>, counts: [Int], receiving others: [Int], shape: Shape
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    try received(shape) { (all) throws(CommunicatorError) in
      try out.withBuffer { (out) throws(CommunicatorError) in
        try allToAll(out, counts: counts, into: all, counts: others)
      }
    }
  }

  /// A tensor that the body fills.
  private func received<Scalar: TensorScalar>(
    _ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Scalar>) throws(CommunicatorError) -> Void
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    // The memory of a tensor of several elements is written in place; that of others is copied.
    var error: CommunicatorError?
    func filled(_ memory: UnsafeMutableBufferPointer<Scalar>) {
      do throws(CommunicatorError) {
        try fill(memory)
      } catch let caught {
        error = caught
        memory.initialize(repeating: 0)
      }
    }
    let tensor = Tensor<Scalar>(shape: shape) {
      filled(UnsafeMutableBufferPointer(start: $0, count: shape.elementCount))
    }
    if shape.elementCount == 0 { filled(UnsafeMutableBufferPointer(start: nil, count: 0)) }
    if let error { throw error }
    return tensor
  }
}

extension UnsafeMutableBufferPointer where Element: TensorScalar {
  /// Takes parts of its blocks, whose lengths are given, from one place of each on.
  fileprivate func take(_ elements: [Element], in sizes: [Int], from first: Int, ofBlocks lengths: [Int]) {
    for ((size, source), block) in zip(zip(sizes, sizes.firsts), lengths.firsts) where size > 0 {
      _ = self[(block + first)...].update(fromContentsOf: elements[source..<source + size])
    }
  }
}

extension Tensor {
  /// Calls the body with the elements, in row-major order.
  fileprivate func withBuffer(
    _ body: (UnsafeBufferPointer<Scalar>) throws(CommunicatorError) -> Void
  ) throws(CommunicatorError) {
    let result = withUnsafeBufferPointer { elements in
      Result { () throws(CommunicatorError) in try body(elements) }
    }
    try result.get()
  }
}
