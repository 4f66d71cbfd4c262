public import SliceGradKernels

/// The gradient of one leaf: `Tensor` of a `Parameter`, `IndexedSlices` of an `EmbeddingTable`.
///
/// A rule that works element by element, and so for both, is generic over this. It keeps its numbers in an
/// `Accumulator` and passes its kernel to `apply`.
public protocol ParameterGradient<Scalar>: Sendable {
  associatedtype Scalar: TensorScalar

  /// Numbers that a rule keeps for each element of a leaf.
  associatedtype Accumulator: RestorableField

  /// One number for each element of a leaf of this shape.
  static func accumulator(for shape: Shape, initialValue: Scalar) -> Accumulator

  /// Calls the kernel with the parameter, the gradient and the accumulator, possibly concurrently for several parts of
  /// them. Traps if their shapes differ.
  func apply(to parameter: inout Tensor<Scalar>, _ accumulator: inout Accumulator?, _ kernel: UpdateKernel<Scalar>)

  /// The gradient of −f.
  static prefix func - (gradient: Self) -> Self
}

/// Updates a part of a parameter p by its gradient g: some rows `[d]` of a table, or a range of the elements of a dense
/// parameter. `rows` says which ones, and where the rule's numbers for them are.
public typealias UpdateKernel<Scalar> = (
  _ p: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ rows: SliceGradRows, _ d: Int
) -> Void

// MARK: Dense parameters

extension Tensor: ParameterGradient {
  public typealias Accumulator = Tensor

  public static func accumulator(for shape: Shape, initialValue: Scalar) -> Tensor {
    Tensor(repeating: initialValue, shape: shape)
  }

  public func apply(to parameter: inout Tensor, _ accumulator: inout Tensor?, _ kernel: UpdateKernel<Scalar>) {
    apply(to: &parameter, (accumulator?.address(in: parameter.shape), nil, nil), kernel)
  }

  /// The same with up to three numbers per element, at addresses from `address(in:)`.
  func apply(to parameter: inout Tensor, _ states: (Numbers?, Numbers?, Numbers?), _ kernel: UpdateKernel<Scalar>) {
    check(isFor: parameter)
    guard count > 0 else { return }
    withUnsafePointer(to: states) { states in
      let states = UnsafeRawPointer(states).bindMemory(to: UnsafeMutableRawPointer?.self, capacity: 3)
      let whole = SliceGradRows(
        rows: nil, slots: nil, touches: nil, blocks: states, slotShift: 0, width: 0, first: 0, end: count)
      withPointer { g in
        parameter.withMutablePointer { p in
          Threads.forEachRange(ofStream: count) { kernel(p, g, whole.part($0, $1), 0) }
        }
      }
    }
  }
}

extension Tensor {
  /// The address of numbers that a rule keeps.
  @usableFromInline
  typealias Numbers = UnsafeMutablePointer<Scalar>

  /// Traps unless this gradient has the parameter's shape.
  func check(isFor parameter: Tensor) {
    require(shape == parameter.shape, "a gradient of shape \(shape) for a parameter of shape \(parameter.shape)")
  }

  /// The address of the numbers that a rule keeps for each element of a parameter, valid as long as nothing else writes
  /// to them. Traps unless they have the parameter's shape.
  @usableFromInline
  mutating func address(in shape: Shape) -> Numbers {
    require(self.shape == shape, "a rule's state of shape \(self.shape) for a parameter of shape \(shape)")
    return withMutablePointer { $0 }
  }
}

// MARK: Tables

extension IndexedSlices: ParameterGradient {
  public typealias Accumulator = RowState<Scalar>

  public static func accumulator(for shape: Shape, initialValue: Scalar) -> RowState<Scalar> {
    RowState(tableShape: shape, width: shape[1], initialValue: initialValue)
  }

  public func apply(
    to parameter: inout Tensor<Scalar>, _ accumulator: inout RowState<Scalar>?, _ kernel: UpdateKernel<Scalar>
  ) {
    guard accumulator == nil else { return accumulator!.apply(self, to: &parameter, kernel) }
    withRows(of: &parameter) { table, g, indices in
      indices.withUnsafeBufferPointer {
        let rows = SliceGradRows(
          rows: $0.baseAddress, slots: nil, touches: nil, blocks: nil, slotShift: 0, width: 0, first: 0,
          end: $0.count)
        rows.share(columns: denseShape[1]) { kernel(table, g, $0, denseShape[1]) }
      }
    }
  }

  /// Calls the body with the table, the rows of the gradient with repeats merged, and the row numbers. If there are
  /// none, it isn't called.
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

  /// Every row with its sign changed.
  public static prefix func - (slices: IndexedSlices) -> IndexedSlices { slices * -1 }
}
