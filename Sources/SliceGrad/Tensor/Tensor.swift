/// A dense, row-major array of numbers with a shape: a plain value, copied on write, that knows nothing of gradients.
///
///     let a = Tensor<Double>([[1, 2], [3, 4]])
///     let b = a.matmul(a) + Tensor([10, 20])
///     print(b)  // [[17, 30],
///               //  [25, 42]]
///
/// Equality compares shapes and elements (a NaN equals nothing, as for its scalars).
public struct Tensor<Scalar: TensorScalar>: Equatable, Sendable {
  /// The shape and the elements. One reference and nothing else, because a step copies tensors a hundred times: into
  /// variables, pullbacks and gradients.
  private var storage: TensorStorage

  /// The dimensions, outermost first.
  public var shape: Shape { storage.shape }

  /// The number of elements.
  public var count: Int { storage.count }

  /// A tensor with the elements in row-major order. Traps if their number isn't the product of the dimensions.
  public init(shape: Shape, elements: some Sequence<Scalar>) {
    let elements = ContiguousArray(elements)
    require(
      elements.count == shape.elementCount,
      "Tensor: shape \(shape) has \(shape.elementCount) elements, found \(elements.count)")
    self.init(shape: shape) { out in
      elements.withUnsafeBufferPointer { out.initialize(from: $0.baseAddress!, count: $0.count) }
    }
  }

  /// A tensor of one repeated number.
  public init(repeating value: Scalar, shape: Shape) {
    let count = shape.elementCount
    storage =
      count == 1
      ? TensorStorage(uniform: Double(value), shape: shape, count: 1)
      : TensorStorage(repeating: value, shape: shape, count: count)
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) { self.init(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public init(ones shape: Shape) { self.init(repeating: 1, shape: shape) }

  /// A tensor of shape `[]`.
  public init(_ scalar: Scalar) { self.init(uniform: scalar, shape: []) }

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
  package init(shape: Shape, initialize: (UnsafeMutablePointer<Scalar>) -> Void) {
    let count = shape.elementCount
    if count == 1 {
      var number: Scalar = 0
      initialize(&number)
      storage = TensorStorage(uniform: Double(number), shape: shape, count: 1)
    } else {
      storage = TensorStorage(of: Scalar.self, shape: shape, count: count)
      if count > 0 { initialize(storage.pointer(to: Scalar.self)) }
    }
  }

  /// The elements of another tensor in a shape that has as many.
  init(shape: Shape, sharing other: Tensor) {
    storage = TensorStorage(shape: shape, sharing: other.storage)
  }

  /// A tensor of one repeated number, which gets no memory until the elements are asked for.
  init(uniform number: Scalar, shape: Shape) {
    storage = TensorStorage(uniform: Double(number), shape: shape, count: shape.elementCount)
  }

  /// The number that all elements are, if it is known without looking at them.
  var uniformValue: Scalar? { storage.isUniform ? Scalar(storage.uniform) : nil }

  /// The elements in row-major order: the last axis runs fastest. O(1).
  public var elements: Elements { Elements(storage: storage) }

  /// The number of dimensions.
  public var rank: Int { shape.rank }

  /// The only element of a tensor that has just one. Traps otherwise.
  public var scalar: Scalar {
    require(count == 1, "scalar: a tensor of shape \(shape) has \(count) elements, not 1")
    return uniformValue ?? withPointer { $0.pointee }
  }

  /// The element at a position, one index an axis; negative indices count from the end. Traps outside of the shape.
  public subscript(position: Int...) -> Scalar {
    get {
      let offset = offset(of: position)
      return uniformValue ?? withPointer { $0[offset] }
    }
    set {
      let offset = offset(of: position)
      withMutablePointer { $0[offset] = newValue }
    }
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

  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape && left.elements == right.elements
  }

  /// Calls the body with the elements' address.
  func withPointer<Result>(_ body: (UnsafePointer<Scalar>) -> Result) -> Result {
    if let uniformValue {
      if count == 1 { return withUnsafePointer(to: uniformValue, body) }
      return Tensor(repeating: uniformValue, shape: shape).withPointer(body)
    }
    defer { withExtendedLifetime(storage) {} }
    return body(storage.pointer(to: Scalar.self))
  }

  /// Calls the body with the elements' address, after making them this tensor's own.
  package mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<Scalar>) -> Result) -> Result {
    if storage.isUniform {
      storage = storage.stored(as: Scalar.self)
    } else if !isKnownUniquelyReferenced(&storage) || !storage.isOnlyUserOfMemory {
      storage = storage.copy()
    }
    defer { withExtendedLifetime(storage) {} }
    return body(storage.pointer(to: Scalar.self))
  }
}

extension Tensor {
  /// Calls the body with ranges that make up all elements, and the address of each range's, perhaps at the same time. A
  /// uniform tensor is not stored for that.
  func forEachRun(_ body: (Range<Int>, UnsafePointer<Scalar>) -> Void) {
    guard let uniformValue, count > 1 else {
      return withPointer { x in Threads.share(count, multiplesOf: 64) { body($0, x + $0.lowerBound) } }
    }
    let length = Swift.min(count, 2048)
    Tensor(repeating: uniformValue, shape: [length]).withPointer { x in
      Threads.share(count, multiplesOf: length) { range in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: length) {
          body(start..<Swift.min(start + length, range.upperBound), x)
        }
      }
    }
  }
}

extension Tensor {
  /// Calls the body with the address of rows of n elements, and how far they lie apart: n, or 0 if all are the same.
  func withStridedRows<Result>(of n: Int, _ body: (UnsafePointer<Scalar>, _ stride: Int) -> Result) -> Result {
    guard let uniformValue else { return withPointer { body($0, n) } }
    return Tensor(repeating: uniformValue, shape: [n]).withPointer { body($0, 0) }
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

/// Calls the body with two tensors' addresses.
func withPointers<Scalar, Result>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ body: (UnsafePointer<Scalar>, UnsafePointer<Scalar>) -> Result
) -> Result {
  a.withPointer { a in b.withPointer { b in body(a, b) } }
}

/// Calls the body with three tensors' addresses.
func withPointers<Scalar, Result>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ c: Tensor<Scalar>,
  _ body: (UnsafePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>) -> Result
) -> Result {
  a.withPointer { a in withPointers(b, c) { b, c in body(a, b, c) } }
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
