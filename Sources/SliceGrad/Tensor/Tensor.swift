/// A dense, row-major array of numbers with a shape: a plain value, copied on write, that knows nothing of gradients.
///
///     let a = Tensor<Double>([[1, 2], [3, 4]])
///     let b = a.matmul(a) + Tensor([10, 20])
///     print(b)  // [[17, 30],
///               //  [25, 42]]
///
/// Equality compares shapes and elements (a NaN equals nothing, as for its scalars).
public struct Tensor<Scalar: TensorScalar>: Equatable, Sendable {
  /// The dimensions, outermost first.
  public let shape: Shape

  /// The elements in row-major order: the last axis runs fastest.
  public internal(set) var elements: ContiguousArray<Scalar>

  /// A tensor with the elements in row-major order. Traps if their number isn't the product of the dimensions.
  public init(shape: Shape, elements: ContiguousArray<Scalar>) {
    require(
      elements.count == shape.elementCount,
      "Tensor: shape \(shape) has \(shape.elementCount) elements, found \(elements.count)")
    self.shape = shape
    self.elements = elements
  }

  /// A tensor with the elements in row-major order. Traps if their number isn't the product of the dimensions.
  public init(shape: Shape, elements: some Sequence<Scalar>) {
    self.init(shape: shape, elements: ContiguousArray(elements))
  }

  /// A tensor of one repeated number.
  public init(repeating value: Scalar, shape: Shape) {
    self.init(shape: shape) { Scalar.Kernels.fill(value, $0, shape.elementCount) }
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public init(ones shape: Shape) { self.init(repeating: 1, shape: shape) }

  /// A tensor of shape `[]`.
  public init(_ scalar: Scalar) { self.init(shape: [], elements: [scalar]) }

  /// A tensor of shape `[n]`.
  public init(_ elements: [Scalar]) { self.init(shape: [elements.count], elements: elements) }

  /// A tensor of shape `[rows, columns]`. Traps if the rows' lengths differ.
  @_disfavoredOverload
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    for (row, elements) in rows.enumerated() {
      require(elements.count == columns, "Tensor: row \(row) has \(elements.count) columns, row 0 has \(columns)")
    }
    self.init(shape: [rows.count, columns], elements: rows.joined())
  }

  /// A tensor of shape `[n, rows, columns]`. Traps if lengths differ.
  @_disfavoredOverload
  public init(_ matrices: [[[Scalar]]]) {
    self = .stack(matrices.map { Tensor($0) })
  }

  /// A tensor whose elements `initialize` writes, every one of them. It isn't called when there are none.
  init(shape: Shape, initialize: (UnsafeMutablePointer<Scalar>) -> Void) {
    let count = shape.elementCount
    self.shape = shape
    elements = ContiguousArray(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      if count > 0 { initialize(buffer.baseAddress!) }
      initializedCount = count
    }
  }

  /// The number of elements.
  public var count: Int { elements.count }

  /// The number of dimensions.
  public var rank: Int { shape.rank }

  /// The only element of a tensor that has just one. Traps otherwise.
  public var scalar: Scalar {
    require(count == 1, "scalar: a tensor of shape \(shape) has \(count) elements, not 1")
    return elements[0]
  }

  /// The element at a position, one index an axis; negative indices count from the end. Traps outside of the shape.
  public subscript(position: Int...) -> Scalar {
    get { elements[offset(of: position)] }
    set { elements[offset(of: position)] = newValue }
  }

  private func offset(of position: [Int]) -> Int {
    require(position.count == rank, "subscript: \(position.count) indices for shape \(shape)")
    var offset = 0
    for axis in 0..<rank {
      let index = position[axis] < 0 ? position[axis] + shape[axis] : position[axis]
      require(0 <= index && index < shape[axis], "subscript: \(position) is outside of shape \(shape)")
      offset = offset * shape[axis] + index
    }
    return offset
  }

  /// Whether no element is infinite or NaN.
  public var isFinite: Bool { withPointer { Scalar.Kernels.isFinite($0, count) } }

  /// Calls the body with the elements' address.
  func withPointer<Result>(_ body: (UnsafePointer<Scalar>) -> Result) -> Result {
    elements.withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  /// Calls the body with the elements' address, after making them this tensor's own.
  mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<Scalar>) -> Result) -> Result {
    elements.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  }
}

extension Tensor {
  /// The same numbers in another precision.
  ///
  ///     Tensor<Float>(Tensor<Double>([0.1]))
  public init<Other>(_ other: Tensor<Other>) {
    self.init(shape: other.shape, elements: other.elements.lazy.map { Scalar($0) })
  }
}

/// Calls the body with a tensor's address, or with nil.
func withOptionalPointer<Scalar, Result>(
  _ tensor: Tensor<Scalar>?, _ body: (UnsafePointer<Scalar>?) -> Result
) -> Result {
  guard let tensor else { return body(nil) }
  return tensor.withPointer { body($0) }
}

/// Calls the body with a tensor's address, after making its elements its own, or with nil.
func withOptionalMutablePointer<Scalar, Result>(
  _ tensor: inout Tensor<Scalar>?, _ body: (UnsafeMutablePointer<Scalar>?) -> Result
) -> Result {
  if tensor == nil { return body(nil) }
  return tensor!.withMutablePointer { body($0) }
}
