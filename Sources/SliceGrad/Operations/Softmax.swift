// Softmax along an axis, and its logarithm; overflow-safe.

extension Tensor {
  fileprivate var rowsAndColumns: (Int, Int) { (shape.elementCount(of: 0..<rank - 1), shape[-1]) }

  /// e^x / Σ e^x along the last axis.
  public func softmax() -> Tensor {
    require(rank >= 1, "softmax: a scalar has no axis")
    let (rows, columns) = rowsAndColumns
    return Tensor(shape: shape) { y in withPointer { Scalar.Kernels.softmax($0, y, rows, columns) } }
  }

  /// x − log Σ e^x along the last axis.
  public func logSoftmax() -> Tensor {
    require(rank >= 1, "logSoftmax: a scalar has no axis")
    let (rows, columns) = rowsAndColumns
    return Tensor(shape: shape) { y in withPointer { Scalar.Kernels.logSoftmax($0, y, rows, columns) } }
  }
}

extension Variable {
  /// e^x / Σ e^x along an axis.
  public func softmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { x in
      let y = x.value.softmax()
      let (rows, columns) = y.rowsAndColumns
      return .recorded(
        y,
        from: (
          x,
          { g in
            Tensor(shape: y.shape) { out in
              y.withPointer { y in g.withPointer { Scalar.Kernels.softmaxGradient(y, $0, out, rows, columns) } }
            }
          }
        ))
    }
  }

  /// x − log Σ e^x along an axis.
  public func logSoftmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { x in
      let y = x.value.logSoftmax()
      let (rows, columns) = y.rowsAndColumns
      return .recorded(
        y,
        from: (
          x,
          { g in
            Tensor(shape: y.shape) { out in
              y.withPointer { y in g.withPointer { Scalar.Kernels.logSoftmaxGradient(y, $0, out, rows, columns) } }
            }
          }
        ))
    }
  }

  /// An operation on the last axis, applied to another one by exchanging the two.
  private func alongLastAxis(_ axis: Int, _ operation: (Variable) -> Variable) -> Variable {
    let axis = shape.resolved(axis)
    guard axis != shape.rank - 1 else { return operation(self) }
    var exchanged = Array(0..<shape.rank)
    exchanged.swapAt(axis, shape.rank - 1)
    return operation(transposed(exchanged)).transposed(exchanged)
  }
}
