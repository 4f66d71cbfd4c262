extension Tensor {
  /// The elements of a tensor in row-major order, a read-only collection. It is a value: writing to the tensor later
  /// doesn't change it.
  public struct Elements: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral,
    CustomStringConvertible
  {
    @usableFromInline
    let storage: TensorStorage

    public let count: Int

    init(storage: TensorStorage) {
      self.storage = storage
      count = storage.count
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
      return storage.element(at: index)
    }

    /// If the elements are one repeated number, as in the gradient of a sum, they are written to memory for the call:
    /// O(count).
    public func withContiguousStorageIfAvailable<Result>(
      _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result? {
      let storage = storage.stored(as: Scalar.self)
      defer { withExtendedLifetime(storage) {} }
      return try body(UnsafeBufferPointer(start: storage.pointer(to: Scalar.self), count: count))
    }

    public static func == (left: Elements, right: Elements) -> Bool { left.elementsEqual(right) }

    /// The same as that of an array.
    public var description: String { "\(Array(self))" }
  }
}
