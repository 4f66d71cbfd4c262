import SliceGradKernels

/// A tensor's shape and elements, which copies of the tensor share.
///
/// The elements are not in the buffer of an array, which goes back to the system when it is dropped: every training
/// step would get its memory from the operating system anew, page by page (`memory.c` says what that costs).
///
/// `Sendable` is unchecked: the memory is written before the storage is shared, by the tensor that makes it, and later
/// only by a tensor that holds the sole reference to it.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  let shape: Shape
  let count: Int

  /// The place of the elements. A result of one element needs no memory, nor does the gradient of a sum, which is one
  /// repeated number.
  @usableFromInline
  enum Contents {
    /// All elements are this number. It is a Double, which represents every Float exactly.
    case constant(Double)
    case memory(UnsafeMutableRawPointer)
  }

  @usableFromInline
  let contents: Contents
  private let byteCount: Int

  /// The owner of the memory, if the same elements were there before in another shape. It is an `AnyObject`, because
  /// Swift destroys what might be a linked list in a loop, which would cost every tensor more than releasing its
  /// memory.
  private var owner: AnyObject?

  private init(shape: Shape, count: Int, contents: Contents, byteCount: Int = 0, owner: AnyObject? = nil) {
    self.shape = shape
    self.count = count
    self.contents = contents
    self.byteCount = byteCount
    self.owner = owner
  }

  /// One repeated number, without memory.
  convenience init(constant number: Double, shape: Shape, count: Int) {
    self.init(shape: shape, count: count, contents: .constant(number))
  }

  /// Memory for `count` elements, whose contents are undefined.
  convenience init<Scalar>(of: Scalar.Type, shape: Shape, count: Int) {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
    require(!overflow, "Tensor: shape \(shape) has more elements than any memory holds")
    self.init(shape: shape, count: count, contents: .memory(allocate(byteCount: byteCount)), byteCount: byteCount)
  }

  /// Memory filled with one repeated number.
  convenience init<Scalar: TensorScalar>(repeating number: Scalar, shape: Shape, count: Int) {
    self.init(of: Scalar.self, shape: shape, count: count)
    let elements = pointer(to: Scalar.self)
    Threads.forEachRange(ofStream: count) { Scalar.Kernels.fill(number, elements, $0, $1) }
  }

  /// The elements of another storage in a shape that has as many.
  convenience init(shape: Shape, sharing other: TensorStorage) {
    self.init(
      shape: shape, count: other.count, contents: other.contents, byteCount: other.byteCount,
      owner: other.owner ?? other)
  }

  deinit {
    if case .memory(let address) = contents, owner == nil { release(address, byteCount: byteCount) }
  }

  /// The number to which all elements are equal, if they are not in memory.
  @usableFromInline
  var constant: Double? { if case .constant(let number) = contents { number } else { nil } }

  /// Whether the elements are in memory that no other storage shares.
  @usableFromInline
  var isOnlyUserOfMemory: Bool { constant == nil && (owner == nil || isKnownUniquelyReferenced(&owner)) }

  /// A storage with the same elements in memory: this one, in O(1), or a new one if this is one repeated number, in
  /// O(count).
  @usableFromInline
  func stored<Scalar: TensorScalar>(as: Scalar.Type) -> TensorStorage {
    constant.map { TensorStorage(repeating: Scalar($0), shape: shape, count: count) } ?? self
  }

  /// The same elements in memory of their own.
  func copy<Scalar: TensorScalar>(as: Scalar.Type) -> TensorStorage {
    guard case .memory(let address) = contents else { return stored(as: Scalar.self) }
    let copy = TensorStorage(of: Scalar.self, shape: shape, count: count)
    copy.pointer(to: Scalar.self).initialize(from: address.assumingMemoryBound(to: Scalar.self), count: count)
    return copy
  }

  /// The address of the elements, which must be in memory.
  @inline(__always)
  func pointer<Scalar>(to: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
    guard case .memory(let address) = contents else { trap("a constant tensor has no memory") }
    return address.assumingMemoryBound(to: Scalar.self)
  }
}
