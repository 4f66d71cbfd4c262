extension Tensor {
  /// The elements of a tensor in row-major order, a collection to read. It is a value: what is written to the tensor
  /// later doesn't change it.
  public struct Elements: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral,
    CustomStringConvertible
  {
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
        storage.address!.load(fromByteOffset: index * MemoryLayout<Scalar>.stride, as: Scalar.self)
      }
    }

    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
      _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result? {
      defer { withExtendedLifetime(storage) {} }
      return try body(UnsafeBufferPointer(start: storage.address!.assumingMemoryBound(to: Scalar.self), count: count))
    }

    public static func == (left: Elements, right: Elements) -> Bool { left.elementsEqual(right) }

    /// As an array's.
    public var description: String { "\(Array(self))" }
  }
}
