import SliceGradKernels

/// A tensor's shape and elements, which copies of the tensor share.
///
/// The elements are not in an array's buffer, because that is handed back to the system when it is dropped: a training
/// step would get its memory from the operating system anew, page by page (`memory.c` says what that costs).
///
/// `Sendable` is unchecked: the memory is written before the storage is shared, by the tensor that makes it, and later
/// only by a tensor that holds the sole reference to it.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  let shape: Shape
  let count: Int

  /// Where the elements are. A result of one element needs no memory, nor does the gradient of a sum, which is one
  /// number repeated.
  @usableFromInline
  enum Contents {
    /// All elements are this number: as Double, which holds a Float as it is.
    case constant(Double)
    case memory(UnsafeMutableRawPointer)
  }

  @usableFromInline
  let contents: Contents
  private let byteCount: Int

  /// Whose memory this is, if the same elements were there first in another shape. `AnyObject`, because Swift destroys
  /// what may form a list in a loop, which would cost every tensor more than to give its memory back.
  private var owner: AnyObject?

  private init(shape: Shape, count: Int, contents: Contents, byteCount: Int = 0, owner: AnyObject? = nil) {
    self.shape = shape
    self.count = count
    self.contents = contents
    self.byteCount = byteCount
    self.owner = owner
  }

  /// One number repeated, without memory.
  convenience init(constant number: Double, shape: Shape, count: Int) {
    self.init(shape: shape, count: count, contents: .constant(number))
  }

  /// Memory for `count` elements, whose contents are undefined.
  convenience init<Scalar>(of: Scalar.Type, shape: Shape, count: Int) {
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Scalar>.stride)
    require(!overflow, "Tensor: shape \(shape) has more elements than any memory holds")
    self.init(shape: shape, count: count, contents: .memory(allocate(byteCount: byteCount)), byteCount: byteCount)
  }

  /// Memory for one number repeated.
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

  /// What all elements are, if there is no memory.
  @usableFromInline
  var constant: Double? { if case .constant(let number) = contents { number } else { nil } }

  /// Whether there is memory, and it is no other storage's too.
  @usableFromInline
  var isOnlyUserOfMemory: Bool { constant == nil && (owner == nil || isKnownUniquelyReferenced(&owner)) }

  /// The same elements in memory: here, or elsewhere if this is one number repeated. O(1) or O(count).
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
