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
    Threads.shareStream(count) {
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
