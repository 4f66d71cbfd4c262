/// A dense, row-major array of numbers with a shape: a plain value, copied on write, that knows nothing of gradients.
///
///     let a = Tensor<Double>([[1, 2], [3, 4]])
///     let b = a.matmul(a) + Tensor([10, 20])
///     print(b)  // [[17, 30],
///               //  [25, 42]]
///
/// Equality compares shapes and elements. A NaN equals nothing, as with scalars.
public struct Tensor<Scalar: TensorScalar>: Equatable, Sendable {
  /// The shape and the elements. It is the only field, one reference, because a step copies tensors a hundred times:
  /// into variables, pullbacks and gradients.
  @usableFromInline
  var storage: TensorStorage

  /// The dimensions, outermost first.
  public var shape: Shape { storage.shape }

  /// The number of elements.
  public var count: Int { storage.count }

  /// A tensor with these elements, in row-major order. Traps unless their number is the product of the dimensions.
  public init(shape: Shape, elements: some Sequence<Scalar>) {
    let elements = ContiguousArray(elements)
    require(
      elements.count == shape.elementCount,
      "Tensor: shape \(shape) has \(shape.elementCount) elements, found \(elements.count)")
    self.init(shape: shape) { out in
      elements.withUnsafeBufferPointer { out.initialize(from: $0.baseAddress!, count: $0.count) }
    }
  }

  /// A tensor of the elements that lie one after another from an address on.
  package init(shape: Shape, copying elements: UnsafePointer<Scalar>?) {
    self.init(shape: shape) { $0.initialize(from: elements!, count: shape.elementCount) }
  }

  /// A tensor of one repeated number.
  public init(repeating number: Scalar, shape: Shape) {
    let count = shape.elementCount
    storage =
      count == 1
      ? TensorStorage(constant: Double(number), shape: shape, count: 1)
      : TensorStorage(repeating: number, shape: shape, count: count)
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public init(ones shape: Shape) { self.init(repeating: 1, shape: shape) }

  /// A tensor of shape `[]`.
  public init(_ scalar: Scalar) { self.init(constant: scalar, shape: []) }

  /// A tensor of shape `[n]`.
  public init(_ elements: [Scalar]) { self.init(shape: [elements.count], elements: elements) }

  /// A tensor of shape `[rows, columns]`. Traps if the rows' lengths differ.
  @_disfavoredOverload
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    for (row, elements) in rows.enumerated() {
      require(elements.count == columns, "Tensor: row \(row) has \(elements.count) columns, row 0 has \(columns)")
    }
    self.init(shape: [rows.count, columns], elements: rows.flatMap(\.self))
  }

  /// A tensor of shape `[n, rows, columns]`. Traps if lengths differ.
  @_disfavoredOverload
  public init(_ matrices: [[[Scalar]]]) {
    self = .stack(matrices.map { Tensor($0) })
  }

  /// A tensor whose elements `initialize` writes, every one of them. It isn't called when there are none.
  package init(shape: Shape, initialize: (UnsafeMutablePointer<Scalar>) -> Void) {
    let count = shape.elementCount
    if count == 1 {
      var number: Scalar = 0
      initialize(&number)
      storage = TensorStorage(constant: Double(number), shape: shape, count: 1)
    } else {
      storage = TensorStorage(of: Scalar.self, shape: shape, count: count)
      if count > 0 { initialize(storage.pointer(to: Scalar.self)) }
    }
  }

  /// A tensor whose elements are undefined until all of them have been written.
  init(uninitialized shape: Shape) {
    storage = TensorStorage(of: Scalar.self, shape: shape, count: shape.elementCount)
  }

  /// The elements of another tensor in a shape that has as many.
  init(shape: Shape, sharing other: Tensor) {
    storage = TensorStorage(shape: shape, sharing: other.storage)
  }

  /// A tensor of one repeated number, which gets no memory until it is written to.
  init(constant number: Scalar, shape: Shape) {
    storage = TensorStorage(constant: Double(number), shape: shape, count: shape.elementCount)
  }

  /// The number to which all elements are equal, if that is known without looking at them.
  var constant: Scalar? { storage.constant.map { Scalar($0) } }

  /// The elements in row-major order: the last axis runs fastest.
  ///
  /// - Complexity: O(1).
  public var elements: Elements { Elements(storage: storage) }

  /// The number of dimensions.
  public var rank: Int { shape.rank }

  /// The only element of a tensor that has just one. Traps otherwise.
  public var scalar: Scalar {
    require(count == 1, "scalar: a tensor of shape \(shape) has \(count) elements, not 1")
    return withPointer { $0.pointee }
  }

  /// Whether no element is infinite or NaN.
  public var isFinite: Bool { withPointer { Scalar.Kernels.isFinite($0, count) } }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape && left.elements == right.elements
  }

  /// Whether the elements are in memory that no other tensor shares.
  @inlinable
  var ownsItsElements: Bool {
    mutating get { isKnownUniquelyReferenced(&storage) && storage.isOnlyUserOfMemory }
  }

  /// Puts the elements in memory that no other tensor shares.
  @usableFromInline
  mutating func makeElementsItsOwn() {
    if !ownsItsElements { storage = storage.copy(as: Scalar.self) }
  }
}

extension Tensor {
  /// The same numbers in another precision.
  ///
  ///     print(Tensor<Double>(Tensor<Float>([0.1]))[0])  // 0.10000000149011612
  public init<Other>(_ other: Tensor<Other>) {
    self.init(shape: other.shape, elements: other.elements.lazy.map { Scalar($0) })
  }
}
