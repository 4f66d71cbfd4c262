// Softmax along an axis, and its logarithm; overflow-safe.

extension Shape {
  /// Calls the body with the first element, the number and the length of some rows, perhaps at the same time.
  fileprivate func shareRows(_ body: (_ start: Int, _ rows: Int, _ columns: Int) -> Void) {
    let columns = self[-1]
    Threads.share(elementCount(of: 0..<rank - 1), by: Swift.max(Threads.worthwhile / 4 / Swift.max(columns, 1), 1)) {
      body($0.lowerBound * columns, $0.count, columns)
    }
  }
}

extension Tensor {
  /// e^x / Σ e^x along the last axis.
  public func softmax() -> Tensor {
    require(rank >= 1, "softmax: a scalar has no axis")
    return Tensor(shape: shape) { y in
      withPointer { x in
        shape.shareRows { start, rows, columns in Scalar.Kernels.softmax(x + start, y + start, rows, columns) }
      }
    }
  }

  /// x − log Σ e^x along the last axis.
  public func logSoftmax() -> Tensor {
    require(rank >= 1, "logSoftmax: a scalar has no axis")
    return Tensor(shape: shape) { y in
      withPointer { x in
        shape.shareRows { start, rows, columns in Scalar.Kernels.logSoftmax(x + start, y + start, rows, columns) }
      }
    }
  }
}

extension Variable {
  /// e^x / Σ e^x along an axis.
  public func softmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { x in
      let y = x.value.softmax()
      return .recorded(
        y,
        from: (
          x,
          { [shape = y.shape] g in
            Tensor(shape: shape) { out in
              y.withPointer { y in
                g.withPointer { g in
                  shape.shareRows { start, rows, columns in
                    Scalar.Kernels.softmaxGradient(y + start, g + start, out + start, rows, columns)
                  }
                }
              }
            }
          }
        ))
    }
  }

  /// x − log Σ e^x along an axis.
  public func logSoftmax(axis: Int = -1) -> Variable {
    alongLastAxis(axis) { x in
      let y = x.value.logSoftmax()
      return .recorded(
        y,
        from: (
          x,
          { [shape = y.shape] g in
            Tensor(shape: shape) { out in
              y.withPointer { y in
                g.withPointer { g in
                  shape.shareRows { start, rows, columns in
                    Scalar.Kernels.logSoftmaxGradient(y + start, g + start, out + start, rows, columns)
                  }
                }
              }
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
