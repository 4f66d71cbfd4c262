import SliceGrad

// Tensors as they are in memory, without a copy.

extension Communicator {
  /// All ranks' elements on rank 0 as a tensor, in the order of the ranks.
  func gather<Scalar: TensorScalar & MessageElement>(
    _ own: Tensor<Scalar>, counts: [Int], shape: Shape
  ) throws(CommunicatorError) -> Tensor<Scalar> {
    try received(shape) { (all) throws(CommunicatorError) in
      try own.withBuffer { (own) throws(CommunicatorError) in try gather(own, into: all, counts: counts) }
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
