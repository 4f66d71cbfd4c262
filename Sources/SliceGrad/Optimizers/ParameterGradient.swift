public import SliceGradKernels

/// The gradient of one leaf: `Tensor` of a `Parameter`, `IndexedSlices` of an `EmbeddingTable`.
///
/// A rule that works element by element, and so for both, is generic over this: it keeps its numbers in an
/// `Accumulator` and gives `apply` its kernel twice, for a whole buffer and for rows.
public protocol ParameterGradient<Scalar>: Sendable {
  associatedtype Scalar: TensorScalar

  /// Numbers that a rule keeps for each element of a leaf.
  associatedtype Accumulator: OptimizerStateField

  /// One number for each element of a leaf of this shape.
  static func accumulator(for shape: Shape, initialValue: Scalar) -> Accumulator

  /// Calls one of two kernels on the parameter, the accumulator and the gradient. Traps if the shapes don't fit.
  func apply(
    to parameter: inout Tensor<Scalar>, _ accumulator: inout Accumulator?,
    whole: WholeKernel<Scalar>, rows: RowsKernel<Scalar>)
}

/// Updates n parameters p by their gradient g, given the numbers a that a rule keeps for them, if it keeps any.
public typealias WholeKernel<Scalar> = (
  _ p: UnsafeMutablePointer<Scalar>, _ a: UnsafeMutablePointer<Scalar>?, _ g: UnsafePointer<Scalar>, _ n: Int
) -> Void

/// Updates `rows` of a table `[v, d]`; they say where the numbers are that a rule keeps for them, if it keeps any.
public typealias RowsKernel<Scalar> = (
  _ table: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ rows: SliceGradRows, _ d: Int
) -> Void

extension Tensor: ParameterGradient {
  public typealias Accumulator = Tensor

  public static func accumulator(for shape: Shape, initialValue: Scalar) -> Tensor {
    Tensor(repeating: initialValue, shape: shape)
  }

  public func apply(
    to parameter: inout Tensor, _ accumulator: inout Tensor?,
    whole: WholeKernel<Scalar>, rows: RowsKernel<Scalar>
  ) {
    require(shape == parameter.shape, "a gradient of shape \(shape) for a parameter of shape \(parameter.shape)")
    guard count > 0 else { return }
    withPointer { g in
      parameter.withMutablePointer { p in
        withOptionalMutablePointer(&accumulator) { a in
          Threads.shareStream(count) {
            let start = $0.lowerBound
            whole(p + start, a.map { $0 + start }, g + start, $0.count)
          }
        }
      }
    }
  }
}

extension IndexedSlices: ParameterGradient {
  public typealias Accumulator = RowState<Scalar>

  public static func accumulator(for shape: Shape, initialValue: Scalar) -> RowState<Scalar> {
    RowState(tableShape: shape, width: shape[1], initialValue: initialValue)
  }

  public func apply(
    to parameter: inout Tensor<Scalar>, _ accumulator: inout RowState<Scalar>?,
    whole: WholeKernel<Scalar>, rows: RowsKernel<Scalar>
  ) {
    withRows(of: &parameter) { table, g, indices in
      let columns = denseShape[1]
      guard accumulator == nil else {
        return accumulator!.touch(indices, columns: columns) { rows(table, g, $0, columns) }
      }
      indices.withUnsafeBufferPointer {
        let all = SliceGradRows(
          rows: $0.baseAddress!, slots: nil, touches: nil, blocks: nil, slotShift: 0, width: 0, first: 0,
          end: indices.count)
        all.share(columns: columns) { rows(table, g, $0, columns) }
      }
    }
  }

  /// Calls the body with the table, the rows of the gradient with repeats merged, and their numbers; not if there are
  /// none.
  func withRows(
    of parameter: inout Tensor<Scalar>,
    _ body: (_ table: Scalar.Kernels.Output, _ g: Scalar.Kernels.Input, _ indices: [Int32]) -> Void
  ) {
    require(
      denseShape == parameter.shape, "slices of a table of shape \(denseShape) for a table of shape \(parameter.shape)")
    let slices = coalesced()
    guard slices.values.count > 0 else { return }
    slices.values.withPointer { g in
      parameter.withMutablePointer { table in body(table, g, slices.indices) }
    }
  }
}
