import SliceGrad
import Testing

@Suite struct ShapeTests {
  @Test func isACollectionOfItsDimensions() {
    let shape: Shape = [4, 0, 7]
    #expect(Array(shape) == [4, 0, 7])
    #expect(shape.rank == 3)
    #expect(shape.elementCount == 0)
    #expect("\(shape)" == "[4, 0, 7]")
    #expect("\(Shape())" == "[]")
    #expect(Shape().elementCount == 1)
    #expect(([2, 3, 5] as Shape).elementCount == 30)
  }

  @Test func negativeAxesCountFromTheLast() {
    var shape: Shape = [2, 3, 5]
    #expect((-3..<3).map { shape[$0] } == [2, 3, 5, 2, 3, 5])
    shape[-1] = 7
    shape.append(9)
    #expect(shape == [2, 3, 7, 9])
  }

  @Test func onesInFrontOrBehindMakeAnotherShape() {
    let shapes: [Shape] = [[], [1], [1, 1], [2], [2, 1], [1, 2], [2, 0], [0, 2]]
    #expect(Set(shapes).count == shapes.count)
    #expect(Shape(([2, 1] as Shape).dropLast()) == [2])
  }

  /// NumPy's rule over all pairs of shapes with up to 3 axes of 0 to 3. (Others: see `ArithmeticTests`.)
  @Test func broadcasting() {
    var shapes: [Shape] = [[]]
    for rank in 1...3 {
      shapes += shapes.filter { $0.rank == rank - 1 }.flatMap { shape in (0...3).map { Shape(Array(shape) + [$0]) } }
    }
    #expect(shapes.count == 1 + 4 + 16 + 64)
    for left in shapes {
      for right in shapes {
        let rank = max(left.rank, right.rank)
        let padded = [left, right].map { Array(repeating: 1, count: rank - $0.rank) + $0 }
        let pairs = zip(padded[0], padded[1])
        guard pairs.allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { continue }
        let sum = Tensor<Float>(zeros: left) + Tensor(zeros: right)
        #expect(sum.shape == Shape(pairs.map { $0 == 1 ? $1 : $0 }), "\(left) and \(right)")
      }
    }
  }
}
