/// The dimensions of a tensor, outermost first: `[rows, columns]` for a matrix, `[]` for a scalar.
///
/// A shape is stored inline, without an allocation. It has at most 8 dimensions of 0 to 2³¹ − 1; anything else traps.
///
///     let shape: Shape = [2, 3]
///     print(shape.rank, shape.elementCount, shape)  // 2 6 [2, 3]
public struct Shape: Hashable, Sendable {
  /// The largest rank: 8.
  public static let maximumRank = 8

  // Vectors of 8 bytes: objects with fields that are aligned to 16 bytes come from a slower allocator, and values
  // aligned to 32 bytes crash in generic asynchronous functions (swiftlang/swift#91639).
  private var dimensions01 = SIMD2<Int32>(repeating: 1)
  private var dimensions23 = SIMD2<Int32>(repeating: 1)
  private var dimensions45 = SIMD2<Int32>(repeating: 1)
  private var dimensions67 = SIMD2<Int32>(repeating: 1)

  private var dimensions: SIMD8<Int32> {
    get {
      SIMD8(
        lowHalf: SIMD4(lowHalf: dimensions01, highHalf: dimensions23),
        highHalf: SIMD4(lowHalf: dimensions45, highHalf: dimensions67))
    }
    set {
      (dimensions01, dimensions23) = (newValue.lowHalf.lowHalf, newValue.lowHalf.highHalf)
      (dimensions45, dimensions67) = (newValue.highHalf.lowHalf, newValue.highHalf.highHalf)
    }
  }

  /// The number of dimensions.
  public private(set) var rank = 0

  /// The shape of a scalar, `[]`.
  public init() {}

  /// The shape with these dimensions. Traps on more than 8, on negative ones and on those over 2³¹ − 1.
  public init(_ dimensions: some Sequence<Int>) {
    for dimension in dimensions { append(dimension) }
  }

  /// The dimension of an axis; negative axes count from the last one, −1.
  public subscript(axis: Int) -> Int {
    get { Int(dimensions[resolved(axis)]) }
    set {
      require(0 <= newValue && newValue <= Int32.max, "Shape: dimension \(newValue) is not in 0...\(Int32.max)")
      dimensions[resolved(axis)] = Int32(newValue)
    }
  }

  /// The dimension of an axis in `0..<rank`, which is not checked.
  @inline(__always)
  func dimension(_ axis: Int) -> Int { Int(dimensions[axis]) }

  /// The number of elements: the product of the dimensions, 1 for a scalar.
  public var elementCount: Int {
    var product = 1
    for axis in 0..<rank {
      let (next, overflow) = product.multipliedReportingOverflow(by: Int(dimensions[axis]))
      require(!overflow || contains(0), "Shape: \(self) has more elements than can be counted")
      product = overflow ? 0 : next
    }
    return product
  }

  /// Adds a dimension after the last one.
  public mutating func append(_ dimension: Int) {
    require(rank < Shape.maximumRank, "Shape: more than \(Shape.maximumRank) dimensions")
    rank += 1
    self[rank - 1] = dimension
  }

  /// The axis counted from the first one, 0; `axis` is in `-rank..<rank`.
  func resolved(_ axis: Int) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    require(0 <= resolved && resolved < rank, "axis \(axis) is not in \(-rank)..<\(rank), the axes of shape \(self)")
    return resolved
  }

  /// The product of the dimensions of some axes. Of a shape without elements it may be wrapped: nothing is there then.
  package func elementCount(of axes: Range<Int>) -> Int {
    axes.reduce(1) { $0 &* Int(dimensions[$1]) }
  }

  /// How many rows there are along the last axis, and their length.
  var rowsAndColumns: (rows: Int, columns: Int) { (elementCount(of: 0..<rank - 1), self[-1]) }

  /// The dimensions, with leading ones up to `rank`, as the kernels take them.
  func padded(to rank: Int) -> SIMD8<Int32> {
    var result = SIMD8<Int32>(repeating: 1)
    for axis in 0..<self.rank { result[rank - self.rank + axis] = dimensions[axis] }
    return result
  }

  /// The shape to which both broadcast, or `nil` if there is none. By NumPy's rule, from the last axis on, dimensions
  /// have to be equal, or one of them has to be 1.
  func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let rank = Swift.max(self.rank, other.rank)
    let (left, right) = (padded(to: rank), other.padded(to: rank))
    var result = Shape()
    for axis in 0..<rank {
      guard left[axis] == right[axis] || left[axis] == 1 || right[axis] == 1 else { return nil }
      result.append(Int(left[axis] == 1 ? right[axis] : left[axis]))
    }
    return result
  }
}

extension Shape: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { rank }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral dimensions: Int...) { self.init(dimensions) }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }
}
