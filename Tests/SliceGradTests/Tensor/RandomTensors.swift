import SliceGrad

// Random inputs for tests, and the plain way to walk through a tensor that the kernels are compared with.

extension RandomGenerator {
  /// A shape whose rank and dimensions are drawn from these ranges.
  mutating func shape(ranks: ClosedRange<Int> = 0...4, dimensions: ClosedRange<Int> = 0...5) -> Shape {
    Shape((0..<Int.random(in: ranks, using: &self)).map { _ in Int.random(in: dimensions, using: &self) })
  }

  /// A shape that broadcasts to `shape`: some leading dimensions are missing and some others are 1.
  mutating func shape(broadcastingTo shape: Shape) -> Shape {
    let missing = Int.random(in: 0...max(shape.rank, 1), using: &self)
    return Shape(shape.dropFirst(missing).map { Int.random(in: 0..<3, using: &self) == 0 ? 1 : $0 })
  }

  /// Normally distributed numbers.
  mutating func tensor<Scalar>(_ shape: Shape, of type: Scalar.Type = Scalar.self) -> Tensor<Scalar> {
    Tensor(normal: shape, using: &self)
  }

  /// Numbers of either sign with magnitudes from 0.25 to 2: away from the kinks and poles at 0.
  mutating func tensorAwayFromZero(_ shape: Shape) -> Tensor<Double> {
    let magnitudes = Tensor<Double>(uniform: shape, in: 0.25..<2, using: &self)
    return Tensor(shape: shape, elements: magnitudes.elements.map { Bool.random(using: &self) ? $0 : -$0 })
  }

  /// Row numbers of a table, with repeats.
  mutating func indices(count: Int, tableRows: Int) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<Int32(tableRows), using: &self) }
  }

  /// Bags of 0 to 4 row numbers of a table.
  mutating func bags(count: Int, tableRows: Int) -> RaggedIndices {
    RaggedIndices((0..<count).map { _ in indices(count: Int.random(in: 0...4, using: &self), tableRows: tableRows) })
  }

  /// The gradient of a table of this shape from some look-ups, with repeats.
  mutating func slices<Scalar>(
    _ denseShape: Shape, count: Int, of type: Scalar.Type = Scalar.self
  ) -> IndexedSlices<Scalar> {
    IndexedSlices(
      indices: indices(count: count, tableRows: denseShape[0]), values: tensor([count, denseShape[1]]),
      denseShape: denseShape)
  }

  /// The gradient of a table in which every row has one, in shuffled order.
  mutating func slicesOfAllRows<Scalar>(_ denseShape: Shape, of type: Scalar.Type = Scalar.self) -> IndexedSlices<
    Scalar
  > {
    IndexedSlices(
      indices: (0..<Int32(denseShape[0])).shuffled(using: &self), values: tensor(denseShape), denseShape: denseShape)
  }
}

/// All positions of a shape in row-major order.
func positions(of shape: Shape) -> [[Int]] {
  shape.reduce([[]]) { positions, dimension in
    positions.flatMap { position in (0..<dimension).map { position + [$0] } }
  }
}

extension Tensor {
  /// The element that broadcasting puts at a position of the result: axes count from the last, and where a dimension
  /// is 1, or missing, the position doesn't matter.
  func element(broadcastTo position: [Int]) -> Scalar {
    var offset = 0
    for (dimension, index) in zip(shape, position.suffix(rank)) {
      offset = offset * dimension + (dimension == 1 ? 0 : index)
    }
    return elements[offset]
  }

  /// The sum of the magnitudes of the differences: 0 for equal tensors, NaN or ∞ if one has such elements.
  func distance(to other: Tensor) -> Scalar {
    shape == other.shape ? zip(elements, other.elements).reduce(0) { $0 + ($1.0 - $1.1).magnitude } : .infinity
  }

  /// Whether the tensors are equal to the bit; −0 is not 0. (They hold no NaN.)
  func hasSameBits(as other: Tensor) -> Bool {
    self == other && zip(elements, other.elements).allSatisfy { $0.sign == $1.sign }
  }
}
