// Softmax along an axis, and its logarithm; overflow-safe.

extension Tensor {
  /// e^x / Σ e^x along an axis.
  ///
  ///     print(Tensor<Float>([0, 0, 0, 0]).softmax())  // [0.25, 0.25, 0.25, 0.25]
  public func softmax(axis: Int = -1) -> Tensor { alongAxis(axis, Scalar.Kernels.softmax) }

  /// x − log Σ e^x along an axis.
  public func logSoftmax(axis: Int = -1) -> Tensor { alongAxis(axis, Scalar.Kernels.logSoftmax) }

  private func alongAxis(_ axis: Int, _ kernel: Scalar.Kernels.OfRows) -> Tensor {
    let x = exchanging(axis)
    let (rows, columns) = x.shape.rowsAndColumns
    return Tensor(shape: x.shape) { y in
      x.withPointer { x in
        Threads.forEachRange(of: rows, operations: 4 * columns) { kernel(x, y, columns, $0, $1) }
      }
    }.exchanging(axis)
  }

  /// The gradient of a function along an axis, which follows from its result, `self`, and the gradient of that.
  fileprivate func gradientAlongAxis(_ axis: Int, _ g: Tensor, _ kernel: Scalar.Kernels.GradientOfRows) -> Tensor {
    let y = exchanging(axis)
    let (rows, columns) = y.shape.rowsAndColumns
    return Tensor(shape: y.shape) { out in
      withPointers(y, g.exchanging(axis)) { y, g in
        Threads.forEachRange(of: rows, operations: 4 * columns) { kernel(y, g, out, columns, $0, $1) }
      }
    }.exchanging(axis)
  }

  /// The tensor with an axis and the last one swapped.
  private func exchanging(_ axis: Int) -> Tensor {
    let axis = shape.resolved(axis)
    if axis == rank - 1 { return self }
    var axes = Array(0..<rank)
    axes.swapAt(axis, rank - 1)
    return transposed(axes)
  }
}

extension Variable {
  /// e^x / Σ e^x along an axis.
  public func softmax(axis: Int = -1) -> Variable {
    let y = value.softmax(axis: axis)
    return .recorded(y, from: back { g in y.gradientAlongAxis(axis, g, Scalar.Kernels.softmaxGradient) })
  }

  /// x − log Σ e^x along an axis.
  public func logSoftmax(axis: Int = -1) -> Variable {
    let y = value.logSoftmax(axis: axis)
    return .recorded(y, from: back { g in y.gradientAlongAxis(axis, g, Scalar.Kernels.logSoftmaxGradient) })
  }
}
