extension Tensor {
  /// The elements of a tensor in row-major order, a read-only collection. It is a value: writing to the tensor later
  /// doesn't change it.
  public struct Elements: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral,
    CustomStringConvertible
  {
    @usableFromInline
    let storage: TensorStorage

    /// All elements of the tensor, or a part of them.
    public let indices: Range<Int>

    init(storage: TensorStorage) { self.init(storage, 0..<storage.count) }

    private init(_ storage: TensorStorage, _ indices: Range<Int>) {
      self.storage = storage
      self.indices = indices
    }

    public init(arrayLiteral elements: Scalar...) { self = Tensor(elements).elements }

    @inlinable
    public var startIndex: Int { indices.lowerBound }

    @inlinable
    public var endIndex: Int { indices.upperBound }

    /// Traps outside of the indices.
    @inlinable
    public subscript(index: Int) -> Scalar {
      if !indices.contains(index) { trap("elements: \(index) is not in \(indices)") }
      return storage.element(at: index)
    }

    /// A part, which keeps its indices, as an array's slice does. Traps outside of the indices.
    public subscript(part: Range<Int>) -> Elements {
      require(
        indices.lowerBound <= part.lowerBound && part.upperBound <= indices.upperBound,
        "elements: \(part) is not within \(indices)")
      return Elements(storage, part)
    }

    /// If the elements are one repeated number, as in the gradient of a sum, they are written to memory for the call:
    /// O(count).
    public func withContiguousStorageIfAvailable<Result>(
      _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result? {
      let storage = storage.stored(as: Scalar.self)
      defer { withExtendedLifetime(storage) {} }
      return try body(UnsafeBufferPointer(start: storage.pointer(to: Scalar.self) + startIndex, count: count))
    }

    public static func == (left: Elements, right: Elements) -> Bool { left.elementsEqual(right) }

    /// The same as that of an array.
    public var description: String { "\(Array(self))" }
  }
}
