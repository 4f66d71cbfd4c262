import SliceGradKernels

/// The memory of one or more tensors with the same elements.
///
/// Not an array's buffer, because that is handed back to the system when it is dropped: a training step would get its
/// memory from the operating system anew, page by page (`memory.c` says what that costs).
///
/// `Sendable` is unchecked: the memory is written before the storage is shared, by the tensor that makes it, and later
/// only by a tensor that holds the sole reference to it.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  @usableFromInline
  let address: UnsafeMutableRawPointer
  let byteCount: Int

  /// Memory for so many bytes, whose contents are undefined.
  init(byteCount: Int) {
    self.byteCount = byteCount
    address = allocate(byteCount: byteCount)
  }

  /// Memory for one repeated number.
  convenience init<Scalar: TensorScalar>(repeating number: Scalar, count: Int) {
    self.init(byteCount: count * MemoryLayout<Scalar>.stride)
    let elements = pointer(to: Scalar.self)
    Threads.share(count, by: 2 * Threads.worthwhile) {
      Scalar.Kernels.fill(number, elements + $0.lowerBound, $0.count)
    }
  }

  deinit { release(address, byteCount: byteCount) }

  /// The same bytes elsewhere.
  func copy() -> TensorStorage {
    let copy = TensorStorage(byteCount: byteCount)
    copy.address.copyMemory(from: address, byteCount: byteCount)
    return copy
  }

  @inline(__always)
  func pointer<Scalar>(to: Scalar.Type) -> UnsafeMutablePointer<Scalar> { address.assumingMemoryBound(to: Scalar.self) }
}

extension Tensor {
  /// The elements of a tensor in row-major order. It shares the tensor's memory.
  public struct Elements: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral {
    @usableFromInline
    let storage: TensorStorage

    public let count: Int

    init(storage: TensorStorage, count: Int) {
      self.storage = storage
      self.count = count
    }

    public init(arrayLiteral elements: Scalar...) { self = Tensor(elements).elements }

    @inlinable
    public var startIndex: Int { 0 }

    @inlinable
    public var endIndex: Int { count }

    /// Traps outside of `0..<count`.
    @inlinable
    public subscript(index: Int) -> Scalar {
      if !(0..<count).contains(index) { trap("elements: \(index) is not in 0..<\(count)") }
      return withExtendedLifetime(storage) {
        storage.address.load(fromByteOffset: index * MemoryLayout<Scalar>.stride, as: Scalar.self)
      }
    }

    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
      _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result? {
      defer { withExtendedLifetime(storage) {} }
      return try body(UnsafeBufferPointer(start: storage.address.assumingMemoryBound(to: Scalar.self), count: count))
    }

    public static func == (left: Elements, right: Elements) -> Bool { left.elementsEqual(right) }
  }
}
