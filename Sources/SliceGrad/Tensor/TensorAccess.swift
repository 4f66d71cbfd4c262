// Single elements, rows, and the memory of all elements.

extension Tensor {
  /// The element of a vector; negative indices count from the end. Traps outside of the shape, and on other ranks.
  @inlinable
  public subscript(i: Int) -> Scalar {
    get { storage.element(at: storage.offset(1, i)) }
    set { setElement(at: storage.offset(1, i), to: newValue) }
  }

  /// The element of a matrix; negative indices count from the end. Traps outside of the shape, and on other ranks.
  @inlinable
  public subscript(i: Int, j: Int) -> Scalar {
    get { storage.element(at: storage.offset(2, i, j)) }
    set { setElement(at: storage.offset(2, i, j), to: newValue) }
  }

  /// The element of a tensor of rank 3; negative indices count from the end. Traps outside of the shape, and on other
  /// ranks.
  @inlinable
  public subscript(i: Int, j: Int, k: Int) -> Scalar {
    get { storage.element(at: storage.offset(3, i, j, k)) }
    set { setElement(at: storage.offset(3, i, j, k), to: newValue) }
  }

  /// The element at a position, given by one index per axis; negative indices count from the end. Traps outside of the
  /// shape. With up to three indices, the other subscripts are faster.
  @_disfavoredOverload
  public subscript(position: Int...) -> Scalar {
    get { self[position] }
    set { self[position] = newValue }
  }

  /// The element at a position, given by one index per axis; negative indices count from the end. Traps outside of the
  /// shape.
  public subscript(position: [Int]) -> Scalar {
    get { storage.element(at: storage.offset(position)) }
    set { setElement(at: storage.offset(position), to: newValue) }
  }

  @inlinable
  mutating func setElement(at offset: Int, to number: Scalar) {
    if !ownsItsElements { makeElementsItsOwn() }
    storage.setElement(at: offset, to: number)
  }

  /// The part with index `i` of the first axis, without that axis: a row of a matrix. Traps unless `i` is in the axis.
  ///
  ///     print(Tensor<Float>([[1, 2], [3, 4]]).row(1))  // [3, 4]
  ///
  /// - Complexity: O(n) for n elements in the part.
  public func row(_ i: some BinaryInteger) -> Tensor {
    let i = Int(clamping: i)
    require(rank >= 1 && (0..<shape[0]).contains(i), "row: \(i) is not an index of the first axis of shape \(shape)")
    return slice(i..<i + 1, axis: 0).reshaped(to: Shape(shape.dropFirst()))
  }

  /// Replaces the first rows by those of a tensor that has as many or fewer. Traps if a row has another shape.
  package mutating func replaceFirstRows(by rows: Tensor) {
    guard rows.shape != shape else {
      self = rows
      return
    }
    require(
      rank > 0 && rank == rows.rank && shape[0] >= rows.shape[0]
        && shape.dropFirst().elementsEqual(rows.shape.dropFirst()),
      "replaceFirstRows: rows of shape \(rows.shape) into shape \(shape)")
    guard rows.count > 0 else { return }
    rows.withPointer { source in withMutablePointer { $0.update(from: source, count: rows.count) } }
  }

  /// Calls the body with the elements in row-major order.
  ///
  /// - Complexity: O(count) for a tensor of one repeated number, as the gradient of a sum is, otherwise O(1).
  public func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Scalar>) throws -> Result) rethrows -> Result
  {
    try elements.withContiguousStorageIfAvailable(body)!
  }

  /// Calls the body with the elements in row-major order, to read and write.
  ///
  /// - Complexity: O(count) if the elements are shared with other tensors, or one repeated number; otherwise O(1).
  public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    makeElementsItsOwn()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.pointer(to: Scalar.self), count: count))
  }

  /// A tensor whose elements `initialize` writes, every one of them, in row-major order.
  ///
  ///     let squares = Tensor<Float>(shape: [3]) { out in
  ///       for i in out.indices { out[i] = Float(i * i) }
  ///     }
  ///     print(squares)  // [0, 1, 4]
  @_disfavoredOverload  // within this package, closures of one pointer are meant
  public init(shape: Shape, initializingWith initialize: (UnsafeMutableBufferPointer<Scalar>) -> Void) {
    self.init(shape: shape) { initialize(UnsafeMutableBufferPointer(start: $0, count: shape.elementCount)) }
  }
}

extension TensorStorage {
  @inlinable @inline(__always)
  func element<Scalar: TensorScalar>(at offset: Int) -> Scalar {
    switch contents {
    case .constant(let number): return Scalar(number)
    case .memory(let address):
      return withExtendedLifetime(self) {
        address.load(fromByteOffset: offset * MemoryLayout<Scalar>.stride, as: Scalar.self)
      }
    }
  }

  /// Writes to an element, which must be in memory.
  @inlinable @inline(__always)
  func setElement<Scalar: TensorScalar>(at offset: Int, to number: Scalar) {
    guard case .memory(let address) = contents else { return }
    withExtendedLifetime(self) {
      address.storeBytes(of: number, toByteOffset: offset * MemoryLayout<Scalar>.stride, as: Scalar.self)
    }
  }

  /// The offset of a position of one to three indices. Dimensions after a shape's last one are 1. It isn't generic, so
  /// that other modules can call it directly.
  @usableFromInline
  func offset(_ rank: Int, _ i: Int, _ j: Int = 0, _ k: Int = 0) -> Int {
    guard shape.rank == rank, let matrix = shape.offset(0, i, axis: 0), let row = shape.offset(matrix, j, axis: 1),
      let offset = shape.offset(row, k, axis: 2)
    else { trapOutside([Int]([i, j, k].prefix(rank))) }
    return offset
  }

  func offset(_ position: [Int]) -> Int {
    if position.count != shape.rank { trapOutside(position) }
    return position.indices.reduce(0) { before, axis in
      guard let offset = shape.offset(before, position[axis], axis: axis) else { trapOutside(position) }
      return offset
    }
  }

  private func trapOutside(_ position: [Int]) -> Never {
    require(position.count == shape.rank, "subscript: \(position.count) indices for shape \(shape)")
    trap("subscript: \(position) is outside of shape \(shape)")
  }
}

extension Shape {
  /// The offset after index `i` of an axis, given the offset `before` it, of the axes before; nil outside of the axis.
  @inline(__always)
  fileprivate func offset(_ before: Int, _ i: Int, axis: Int) -> Int? {
    let dimension = dimension(axis)
    let index = i < 0 ? i + dimension : i
    return 0 <= index && index < dimension ? before * dimension + index : nil
  }
}
