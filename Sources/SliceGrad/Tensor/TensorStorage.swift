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

  /// Where the elements are; nil if they are all `uniform`. A result of one element needs no memory, nor does the
  /// gradient of a sum, which is one number repeated.
  @usableFromInline
  let address: UnsafeMutableRawPointer?
  private let byteCount: Int

  /// What all elements are if there's no memory. As Double, which holds a Float as it is.
  @usableFromInline
  let uniform: Double

  /// Whose memory this is, if the same elements were there first in another shape. Not of the type that it has: what
  /// may form a list is destroyed in a loop, which would cost every tensor more than handing its memory back.
  private var owner: AnyObject?

  private init(
    shape: Shape, count: Int, address: UnsafeMutableRawPointer?, byteCount: Int, uniform: Double = 0,
    owner: AnyObject? = nil
  ) {
    self.shape = shape
    self.count = count
    self.address = address
    self.byteCount = byteCount
    self.uniform = uniform
    self.owner = owner
  }

  /// One number repeated, without memory.
  convenience init(uniform: Double, shape: Shape, count: Int) {
    self.init(shape: shape, count: count, address: nil, byteCount: 0, uniform: uniform)
  }

  /// Memory for so many elements, whose contents are undefined.
  convenience init<Scalar>(of: Scalar.Type, shape: Shape, count: Int) {
    let byteCount = count * MemoryLayout<Scalar>.stride
    self.init(shape: shape, count: count, address: allocate(byteCount: byteCount), byteCount: byteCount)
  }

  /// Memory for one number repeated.
  convenience init<Scalar: TensorScalar>(repeating number: Scalar, shape: Shape, count: Int) {
    self.init(of: Scalar.self, shape: shape, count: count)
    let elements = pointer(to: Scalar.self)
    Threads.shareStream(count) {
      Scalar.Kernels.fill(number, elements + $0.lowerBound, $0.count)
    }
  }

  /// The elements of another storage in a shape that has as many.
  convenience init(shape: Shape, sharing other: TensorStorage) {
    self.init(
      shape: shape, count: other.count, address: other.address, byteCount: other.byteCount, uniform: other.uniform,
      owner: other.owner ?? other)
  }

  deinit {
    if let address, owner == nil { release(address, byteCount: byteCount) }
  }

  var isUniform: Bool { address == nil }

  /// Whether the memory is no other storage's too.
  var isOnlyUserOfMemory: Bool { owner == nil || isKnownUniquelyReferenced(&owner) }

  /// The same elements in memory: here, or elsewhere if this is one number repeated. O(1) or O(count).
  @usableFromInline
  func stored<Scalar: TensorScalar>(as: Scalar.Type) -> TensorStorage {
    isUniform ? TensorStorage(repeating: Scalar(uniform), shape: shape, count: count) : self
  }

  /// The same elements elsewhere.
  func copy() -> TensorStorage {
    let copy = allocate(byteCount: byteCount)
    copy.copyMemory(from: address!, byteCount: byteCount)
    return TensorStorage(shape: shape, count: count, address: copy, byteCount: byteCount)
  }

  /// The address of the elements, which must be in memory.
  @inline(__always)
  func pointer<Scalar>(to: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
    address!.assumingMemoryBound(to: Scalar.self)
  }
}
