import SliceGrad
import Testing

@Suite struct ArithmeticTests {
  /// All operations of two elements on shapes that broadcast, against loops over the result's positions: the same bits.
  @Test func broadcasting() {
    var generator = RandomGenerator(seed: 1)
    for _ in 0..<400 {
      let whole = generator.shape()
      check(generator.shape(broadcastingTo: whole), generator.shape(broadcastingTo: whole), of: Float.self, &generator)
      check(whole, generator.shape(broadcastingTo: whole), of: Double.self, &generator)
      check(generator.shape(broadcastingTo: whole), whole, of: Double.self, &generator)
    }
  }

  /// As many dimensions as there can be, of which no two neighbours can be treated as one.
  @Test func broadcastingEightDimensions() {
    var generator = RandomGenerator(seed: 2)
    check([2, 1, 3, 1, 2, 1, 2, 1], [1, 2, 1, 3, 1, 2, 1, 2], of: Float.self, &generator)
    check([1, 2, 1, 2, 1, 2, 1, 3], [2, 2, 3, 2, 2, 2, 2, 3], of: Double.self, &generator)
  }

  private func check<Scalar: TensorScalar>(
    _ leftShape: Shape, _ rightShape: Shape, of type: Scalar.Type, _ generator: inout RandomGenerator
  ) {
    let (left, right) = (generator.tensor(leftShape, of: Scalar.self), generator.tensor(rightShape, of: Scalar.self))
    let operations: [(Tensor<Scalar>, (Scalar, Scalar) -> Scalar)] = [
      (left + right, { $0 + $1 }), (left - right, { $0 - $1 }), (left * right, { $0 * $1 }),
      (left / right, { $0 / $1 }), (maximum(left, right), { max($0, $1) }), (minimum(left, right), { min($0, $1) }),
      (left .> right, { $0 > $1 ? 1 : 0 }), (left .>= right, { $0 >= $1 ? 1 : 0 }),
      (left .< right, { $0 < $1 ? 1 : 0 }), (left .<= right, { $0 <= $1 ? 1 : 0 }),
      (left .== right, { $0 == $1 ? 1 : 0 }), (left .!= right, { $0 != $1 ? 1 : 0 }),
      (left.replacing(with: right, where: left .> right), { min($0, $1) }),
    ]
    let rank = max(leftShape.rank, rightShape.rank)
    let dimensions = (1...max(rank, 1)).map { back in
      let pair = [leftShape, rightShape].map { back <= $0.rank ? $0[-back] : 1 }
      return pair[0] == 1 ? pair[1] : pair[0]
    }
    let shape = Shape(dimensions.prefix(rank).reversed())
    for (result, operation) in operations {
      #expect(result.shape == shape, "\(leftShape) and \(rightShape)")
      let expected = positions(of: shape).map {
        operation(left.element(broadcastTo: $0), right.element(broadcastTo: $0))
      }
      #expect(Array(result.elements) == expected, "\(leftShape) and \(rightShape)")
    }
  }

  /// Large results are computed in pieces, each of which finds where its part of the operands begins.
  @Test func broadcastingLargeTensors() {
    let (rows, columns) = (50_000, 2)
    let whole = Tensor<Double>((0..<rows * columns).map(Double.init)).reshaped(to: [rows, columns])
    let column = Tensor<Double>((0..<rows).map(Double.init)).reshaped(to: [rows, 1])
    let row = Tensor<Double>([0.25, 0.5])
    func isEach(_ result: Tensor<Double>, _ expected: (_ i: Int, _ j: Int) -> Double) -> Bool {
      result.elements.enumerated().allSatisfy { $1 == expected($0 / columns, $0 % columns) }
    }
    #expect(isEach(whole + row) { Double($0 * columns + $1) + row[$1] })
    #expect(isEach(row - whole) { row[$1] - Double($0 * columns + $1) })
    #expect(isEach(whole * column) { Double(($0 * columns + $1) * $0) })
    #expect(isEach(column + row) { Double($0) + row[$1] })
    #expect(isEach(whole + Tensor([7])) { Double($0 * columns + $1 + 7) })
  }

  @Test func numbers() {
    let x = Tensor<Double>([1, -2, 4])
    #expect(-x == Tensor([-1, 2, -4]))
    #expect(x + 1 == Tensor([2, -1, 5]) && 1 + x == x + 1)
    #expect(x - 1 == Tensor([0, -3, 3]) && 1 - x == Tensor([0, 3, -3]))
    #expect(x * 3 == Tensor([3, -6, 12]) && 3 * x == x * 3)
    #expect(x / 4 == Tensor([0.25, -0.5, 1]) && 4 / x == Tensor([4, -2, 1]))
    #expect(Tensor<Double>(zeros: [0, 2]) * 3 + 1 == Tensor(zeros: [0, 2]))
  }

  /// Arithmetic with numbers keeps the signs of zeros, as that of single numbers does.
  @Test func signsOfZeros() {
    let (x, negated) = (Tensor<Float>([0, -0.0]), Tensor<Float>([-0.0, 0]))
    for same in [x * 2, 2 * x, x / 2, negated * -2, -2 * negated, -negated] { #expect(same.hasSameBits(as: x)) }
    let (v, negatedVariable) = (Variable(x), Variable(negated))
    for same in [v * 2, 2 * v, v / 2, negatedVariable * -2, -2 * negatedVariable, -negatedVariable] {
      #expect(same.value.hasSameBits(as: x))
    }
  }

  @Test func inPlace() {
    var x = Tensor<Float>([[1, 2], [3, 4]])
    let before = x
    x += Tensor([[10, 20], [30, 40]])
    #expect(x == Tensor([[11, 22], [33, 44]]))
    x -= before
    #expect(x == Tensor([[10, 20], [30, 40]]))
    x *= 0.5
    #expect(x == Tensor([[5, 10], [15, 20]]))
    x.add(before, scaledBy: -2)
    #expect(x == Tensor([[3, 6], [9, 12]]))
    var empty = Tensor<Float>(zeros: [0])
    empty += empty
    empty *= 2
    #expect(empty.count == 0)
  }

  /// Whether another tensor shares the elements changes no bit of a sum, and the other tensor keeps its own.
  @Test func sumsInPlaceAndInNewMemory() {
    let values: [Float] = [1, -0.0, 0, .leastNonzeroMagnitude, -3e38, .infinity, 0.1]
    let terms = values.flatMap { x in values.map { _ in x } }
    let x = Tensor(shape: [values.count, values.count], elements: terms)
    let y = Tensor(shape: [values.count, values.count], elements: values.flatMap { _ in values })
    for y in [y, Tensor(repeating: -0.0, shape: x.shape)] {
      var (shared, own) = (x, Tensor(shape: x.shape, elements: terms))
      shared += y
      own += y
      let sums = zip(terms, y.elements).map { $0 + $1 }
      #expect(shared.hasSameBits(as: Tensor(shape: x.shape, elements: sums)))
      #expect(own.hasSameBits(as: shared))
    }
    #expect(Array(x.elements) == terms)
  }

  /// A product is summed in double: 10⁸ + 1 − 10⁸ is 1 in Float too.
  @Test func dotProducts() {
    #expect(Tensor<Float>([1e4, 1, 1e4]).dot(Tensor([1e4, 1, -1e4])) == 1)
    #expect(Tensor<Float>([3, 4]).squaredNorm == 25)
    #expect(Tensor<Double>(zeros: [0]).squaredNorm == 0)
    #expect(Tensor<Float>(repeating: 1e30, shape: [2]).squaredNorm > 1e60)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("[2, 3] + [2]: the shapes don't broadcast to one another") {
      _ = Tensor<Float>(zeros: [2, 3]) + Tensor(zeros: [2])
    },
    ProgrammingError("[0] ÷ [2]: the shapes don't broadcast to one another") {
      _ = Tensor<Float>(zeros: [0]) / Tensor(zeros: [2])
    },
    ProgrammingError("[2, 1, 3] − [2, 2]: the shapes don't broadcast to one another") {
      _ = Tensor<Float>(zeros: [2, 1, 3]) - Tensor(zeros: [2, 2])
    },
    ProgrammingError("[2, 3] × [3, 2]: the shapes don't broadcast to one another") {
      _ = Variable(Tensor<Float>(zeros: [2, 3])) * Variable(Tensor(zeros: [3, 2]))
    },
    ProgrammingError("[2, 3] += [1, 3]: in-place arithmetic needs equal shapes") {
      var x = Tensor<Float>(zeros: [2, 3])
      x += Tensor(zeros: [1, 3])
    },
    ProgrammingError("[2] · [3]: a dot product needs equal shapes") {
      _ = Tensor<Float>(zeros: [2]).dot(Tensor(zeros: [3]))
    },
  ]
}
