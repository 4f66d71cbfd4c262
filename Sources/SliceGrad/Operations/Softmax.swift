// Softmax along an axis, and its logarithm; overflow-safe.

extension Tensor {
  /// e^x / Σ e^x along the last axis.
  public func softmax() -> Tensor { rowwise("softmax", Scalar.Kernels.softmax) }

  /// x − log Σ e^x along the last axis.
  public func logSoftmax() -> Tensor { rowwise("logSoftmax", Scalar.Kernels.logSoftmax) }

  private typealias RowKernel = (
    _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>, _ rows: Int, _ columns: Int
  ) -> Void

  private func rowwise(_ name: String, _ kernel: RowKernel) -> Tensor {
    require(rank >= 1, "\(name): a scalar has no axis")
    return Tensor(shape: shape) { y in
      withPointer { x in
        shape.shareRows { start, rows, columns in kernel(x + start, y + start, rows, columns) }
      }
    }
  }
}

extension Shape {
  /// Calls the body with the first element, the number and the length of some rows, perhaps at the same time.
  fileprivate func shareRows(_ body: (_ start: Int, _ rows: Int, _ columns: Int) -> Void) {
    let columns = self[-1]
    Threads.share(elementCount(of: 0..<rank - 1), operations: 4 * columns) {
      body($0.lowerBound * columns, $0.count, columns)
    }
  }
}

extension Variable {
  /// e^x / Σ e^x along an axis.
  public func softmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { $0.rowwise($0.value.softmax(), Scalar.Kernels.softmaxGradient) }
  }

  /// x − log Σ e^x along an axis.
  public func logSoftmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { $0.rowwise($0.value.logSoftmax(), Scalar.Kernels.logSoftmaxGradient) }
  }

  private typealias RowGradientKernel = (
    _ y: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ out: UnsafeMutablePointer<Scalar>, _ rows: Int,
    _ columns: Int
  ) -> Void

  /// The result y of a function of this value's rows, whose gradient follows from y and the incoming one.
  private func rowwise(_ y: Tensor<Scalar>, _ gradient: @escaping RowGradientKernel) -> Variable {
    let shape = shape
    return .recorded(
      y,
      from: (
        self,
        { g in
          Tensor(shape: shape) { out in
            withPointers(y, g) { y, g in
              shape.shareRows { start, rows, columns in gradient(y + start, g + start, out + start, rows, columns) }
            }
          }
        }
      ))
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
