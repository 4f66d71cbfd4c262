import SliceGrad
import Testing

/// An operation, and shapes of its inputs at which its gradients are compared with finite differences.
struct DifferentiableOperation: Sendable, CustomTestStringConvertible {
  typealias Function =
    @Sendable (_ a: Variable<Double>, _ b: Variable<Double>, _ c: Variable<Double>) -> Variable<Double>

  let testDescription: String
  /// For each check the shapes of a, b and c; inputs that the operation doesn't have are missing.
  let shapes: [[Shape]]
  /// Whether inputs must be above 0.
  let isForPositive: Bool
  let function: Function

  /// An operation of inputs of these shapes.
  init(_ name: String, _ shapes: Shape..., function: @escaping Function) {
    (testDescription, self.shapes, isForPositive, self.function) = (name, [shapes], false, function)
  }

  /// An operation on the elements of a.
  static func elementwise(
    _ name: String, isForPositive: Bool = false, _ function: @escaping Function
  ) -> DifferentiableOperation {
    let shapes: [[Shape]] = [[[]], [[7]], [[3, 4]], [[2, 3, 2, 2]], [[0, 3]]]
    return DifferentiableOperation(name, shapes: shapes, isForPositive: isForPositive, function: function)
  }

  /// An operation on the elements of a and b, whose shapes broadcast to the left, to the right, and to both sides.
  static func broadcasting(
    _ name: String, isForPositive: Bool = false, _ function: @escaping Function
  ) -> DifferentiableOperation {
    let shapes: [[Shape]] = [
      [[], []], [[2, 3], [2, 3]], [[3], [2, 3]], [[2, 3], [3]], [[2, 1], [2, 3]], [[2, 3], [1, 3]], [[2, 1], [3]],
      [[], [2, 3]],
      [[2, 3, 1, 2], [3, 4, 1]], [[1, 1], [3]], [[0, 3], [3]], [[1, 3], [0, 3]],
    ]
    return DifferentiableOperation(name, shapes: shapes, isForPositive: isForPositive, function: function)
  }

  private init(_ name: String, shapes: [[Shape]], isForPositive: Bool, function: @escaping Function) {
    (testDescription, self.shapes, self.isForPositive, self.function) = (name, shapes, isForPositive, function)
  }
}

/// Every operation of `Variable`, one line each. Look-ups of tables are checked in `LookupTests`.
@Suite struct GradientTests {
  static let arithmetic: [DifferentiableOperation] = [
    .broadcasting("a + b") { a, b, _ in a + b },
    .broadcasting("a − b") { a, b, _ in a - b },
    .broadcasting("a × b") { a, b, _ in a * b },
    .broadcasting("a ÷ b") { a, b, _ in a / b },
    .broadcasting("maximum(a, b)") { a, b, _ in maximum(a, b) },
    .broadcasting("minimum(a, b)") { a, b, _ in minimum(a, b) },
    .broadcasting("a replaced by b") { a, b, _ in a.replacing(with: b, where: a.value .> b.value * 2) },
    DifferentiableOperation("norm", [2, 3, 4]) { a, _, _ in a.norm() },
    DifferentiableOperation("norm over an axis", [2, 3, 4]) { a, _, _ in a.norm(over: [1]) },
    .elementwise("a clamped") { a, _, _ in a.clamped(to: -0.5...0.7) },
    .broadcasting("a × b with a on both sides") { a, b, _ in a * b * a / (b * b) },
    .elementwise("a + a") { a, _, _ in a + a },
    .elementwise("a − a ÷ a") { a, _, _ in a - a / a },
    .elementwise("−a") { a, _, _ in -a },
    .elementwise("a + 3") { a, _, _ in a + 3 },
    .elementwise("3 + a") { a, _, _ in 3 + a },
    .elementwise("a − 3") { a, _, _ in a - 3 },
    .elementwise("3 − a") { a, _, _ in 3 - a },
    .elementwise("a × 3") { a, _, _ in a * 3 },
    .elementwise("3 × a") { a, _, _ in 3 * a },
    .elementwise("a ÷ 3") { a, _, _ in a / 3 },
    .elementwise("3 ÷ a") { a, _, _ in 3 / a },
    .elementwise("a beside tensors") { a, _, _ in
      let t = Tensor<Double>(2.5)
      return (t - a) * t + (a + t) / t - (t + t * a) / (a - t + 9) + t / (a + 9)
    },
  ]

  static let functions: [DifferentiableOperation] = [
    .elementwise("exp") { a, _, _ in a.exp() },
    .elementwise("log", isForPositive: true) { a, _, _ in a.log() },
    .elementwise("sqrt", isForPositive: true) { a, _, _ in a.sqrt() },
    .elementwise("square") { a, _, _ in a.square() },
    .elementwise("abs") { a, _, _ in a.abs() },
    .elementwise("sin") { a, _, _ in a.sin() },
    .elementwise("cos") { a, _, _ in a.cos() },
    .elementwise("relu") { a, _, _ in a.relu() },
    .elementwise("leakyRelu") { a, _, _ in a.leakyRelu() },
    .elementwise("leakyRelu of slope 0.3") { a, _, _ in a.leakyRelu(slope: 0.3) },
    .elementwise("tanh") { a, _, _ in a.tanh() },
    .elementwise("sigmoid") { a, _, _ in a.sigmoid() },
    .elementwise("silu") { a, _, _ in a.silu() },
    .elementwise("softplus") { a, _, _ in a.softplus() },
    .elementwise("gelu") { a, _, _ in a.gelu() },
    .elementwise("gelu by tanh") { a, _, _ in a.gelu(approximation: .tanh) },
    .elementwise("power 3") { a, _, _ in a.power(3) },
    .elementwise("power −1.5", isForPositive: true) { a, _, _ in a.power(-1.5) },
    .elementwise("dropout") { a, _, _ in a.dropout(0.4) },
    DifferentiableOperation("dropout shared over axes", [5, 4, 3]) { a, _, _ in a.dropout(0.4, sharedOver: [0, -1]) },
    DifferentiableOperation("dropout of rows in groups", [6, 3]) { a, _, _ in
      a.dropout(0.4, ofRowsInGroups: [7, 0, 7, 2, 0, 3])
    },
    DifferentiableOperation("dropout over time", [6, 2]) { a, _, _ in SampleSequences.of(a).dropout(0.4).values },
  ]

  static let matrices: [DifferentiableOperation] = [
    DifferentiableOperation("a b", [2, 3], [3, 4]) { a, b, _ in a.matmul(b) },
    DifferentiableOperation("aᵀ b", [3, 2], [3, 4]) { a, b, _ in a.matmul(b, transposeLeft: true) },
    DifferentiableOperation("a bᵀ", [2, 3], [4, 3]) { a, b, _ in a.matmul(b, transposeRight: true) },
    DifferentiableOperation("aᵀ bᵀ", [3, 2], [4, 3]) { a, b, _ in a.matmul(b, transposeLeft: true, transposeRight: true)
    },
    DifferentiableOperation("a aᵀ", [3, 2]) { a, _, _ in a.matmul(a, transposeRight: true) },
    DifferentiableOperation("a b with a batch each", [2, 1, 2, 3], [5, 3, 4]) { a, b, _ in a.matmul(b) },
    DifferentiableOperation("aᵀ b with a batch left", [2, 3, 2], [3, 4]) { a, b, _ in a.matmul(b, transposeLeft: true)
    },
    DifferentiableOperation("a bᵀ with a batch right", [2, 3], [2, 4, 3]) { a, b, _ in a.matmul(b, transposeRight: true)
    },
    DifferentiableOperation("aᵀ bᵀ with batches", [2, 3, 2], [1, 4, 3]) { a, b, _ in
      a.matmul(b, transposeLeft: true, transposeRight: true)
    },
    DifferentiableOperation("a b without inner elements", [2, 0], [0, 3]) { a, b, _ in a.matmul(b) },
    DifferentiableOperation("a b without rows", [0, 2], [2, 3]) { a, b, _ in a.matmul(b) },
    DifferentiableOperation("linear", [5, 3], [4, 3], [4]) { a, b, c in a.linear(weight: b, bias: c) },
    DifferentiableOperation("linear without bias", [5, 3], [4, 3]) { a, b, _ in a.linear(weight: b, bias: nil) },
    DifferentiableOperation("linear of rank 3", [2, 2, 3], [4, 3], [4]) { a, b, c in a.linear(weight: b, bias: c) },
    DifferentiableOperation("linear of rank 1", [3], [4, 3], [4]) { a, b, c in a.linear(weight: b, bias: c) },
  ]

  static let reductions: [DifferentiableOperation] = [
    .elementwise("sum") { a, _, _ in a.sum() },
    .elementwise("mean of elements") { a, _, _ in a.value.count == 0 ? a : a.mean() },
    DifferentiableOperation("sum over 0", [3, 4]) { a, _, _ in a.sum(over: [0]) },
    DifferentiableOperation("sum over −1 and 0, kept", [3, 2, 4]) { a, _, _ in
      a.sum(over: [-1, 0], keepingDimensions: true)
    },
    DifferentiableOperation("sum over nothing", [3, 4]) { a, _, _ in a.sum(over: []) },
    DifferentiableOperation("mean over 1", [3, 4, 2]) { a, _, _ in a.mean(over: [1]) },
    DifferentiableOperation("mean over 2 and 0, kept", [3, 4, 2]) { a, _, _ in
      a.mean(over: [2, 0], keepingDimensions: true)
    },
    DifferentiableOperation("logSumExp", [3, 4]) { a, _, _ in a.logSumExp() },
    DifferentiableOperation("logSumExp over 0 and 2, kept", [3, 4, 2]) { a, _, _ in
      a.logSumExp(over: [0, 2], keepingDimensions: true)
    },
    DifferentiableOperation("logSumExp over 1 of no rows", [0, 4]) { a, _, _ in a.logSumExp(over: [1]) },
    DifferentiableOperation("cumulativeSum", [3, 4]) { a, _, _ in a.cumulativeSum() },
    DifferentiableOperation("cumulativeSum along 1", [2, 3, 4]) { a, _, _ in a.cumulativeSum(axis: 1) },
    DifferentiableOperation("cumulativeSum of nothing", [2, 0]) { a, _, _ in a.cumulativeSum() },
    DifferentiableOperation("max", [3, 4]) { a, _, _ in a.max() },
    DifferentiableOperation("max over 0", [3, 4]) { a, _, _ in a.max(over: [0]) },
    DifferentiableOperation("max over −1, kept", [3, 4]) { a, _, _ in a.max(over: [-1], keepingDimensions: true) },
    DifferentiableOperation("max over 0 and 2", [3, 4, 2]) { a, _, _ in a.max(over: [0, 2]) },
    DifferentiableOperation("max over 1 of no rows", [0, 4]) { a, _, _ in a.max(over: [1]) },
  ]

  static let shaping: [DifferentiableOperation] = [
    DifferentiableOperation("reshaped", [3, 4]) { a, _, _ in a.reshaped(to: [2, 6]) },
    DifferentiableOperation("reshaped to what is left", [3, 4]) { a, _, _ in a.reshaped(to: [2, -1]) },
    DifferentiableOperation("transposed", [2, 3, 4]) { a, _, _ in a.transposed() },
    DifferentiableOperation("transposed by a cycle", [2, 3, 4]) { a, _, _ in a.transposed([2, 0, 1]) },
    DifferentiableOperation("slice", [3, 4]) { a, _, _ in a.slice(1..<2, axis: -1) },
    DifferentiableOperation("slice of nothing", [3, 4]) { a, _, _ in a.slice(2..<2, axis: 0) },
    DifferentiableOperation("slices that overlap", [3, 4]) { a, _, _ in
      a.slice(0..<3, axis: 1) * a.slice(1..<4, axis: 1) + a.slice(1..<2, axis: 1)
    },
    DifferentiableOperation("split", [3, 5]) { a, _, _ in
      let parts = a.split(sizes: [2, 1, 2], axis: -1)
      return parts[0] * parts[2] + parts[1]
    },
    DifferentiableOperation("split into equal parts", [4, 3]) { a, _, _ in
      let parts = a.split(into: 2, axis: 0)
      return parts[0] * parts[1].exp()
    },
    DifferentiableOperation("unstacked", [2, 3, 2]) { a, _, _ in
      a.unstacked(axis: 1).reduce(Variable(Tensor(ones: [2, 2]))) { $0 * $1 + $1 }
    },
    DifferentiableOperation("concatenate", [2, 3], [2, 1], [2, 2]) { a, b, c in .concatenate([a, b, a, c], axis: 1) },
    DifferentiableOperation("concatenate with nothing", [2, 3], [0, 3]) { a, b, _ in .concatenate([a, b], axis: 0) },
    DifferentiableOperation("stack", [2, 3], [2, 3]) { a, b, _ in .stack([a, b, a]) },
    DifferentiableOperation("stack at −1", [2, 3], [2, 3]) { a, b, _ in .stack([a, b], axis: -1) },
    DifferentiableOperation("gather", [4, 3]) { a, _, _ in a.gather([2, 0, 2, 2]) },
    DifferentiableOperation("gather of matrices", [4, 3, 2]) { a, _, _ in a.gather([1, 3]) },
    DifferentiableOperation("gather of numbers", [4]) { a, _, _ in a.gather([3, 3, 1]) },
    DifferentiableOperation("gather of nothing", [4, 3]) { a, _, _ in a.gather([] as [Int32]) },
  ]

  static let rows: [DifferentiableOperation] = [
    DifferentiableOperation("softmax", [3, 4]) { a, _, _ in a.softmax() },
    DifferentiableOperation("softmax over 0", [3, 4, 2]) { a, _, _ in a.softmax(axis: 0) },
    DifferentiableOperation("logSoftmax", [3, 4]) { a, _, _ in a.logSoftmax() },
    DifferentiableOperation("logSoftmax over 1", [3, 4, 2]) { a, _, _ in a.logSoftmax(axis: 1) },
    DifferentiableOperation("layerNorm", [5, 4], [4], [4]) { a, b, c in a.layerNorm(weight: b, bias: c) },
    DifferentiableOperation("layerNorm over 2 axes", [3, 2, 4], [2, 4], [2, 4]) { a, b, c in
      a.layerNorm(weight: b, bias: c, epsilon: 0.1)
    },
    DifferentiableOperation("rmsNorm", [5, 4], [4]) { a, b, _ in a.rmsNorm(weight: b) },
    DifferentiableOperation("rmsNorm over 2 axes", [3, 2, 4], [2, 4]) { a, b, _ in a.rmsNorm(weight: b, epsilon: 0.1) },
    DifferentiableOperation("batchNorm", [5, 4], [4], [4]) { a, b, c in a.batchNorm(weight: b, bias: c).result },
    DifferentiableOperation("layerNorm of no rows", [0, 4], [4], [4]) { a, b, c in a.layerNorm(weight: b, bias: c) },
    DifferentiableOperation("rmsNorm of no rows", [0, 4], [4]) { a, b, _ in a.rmsNorm(weight: b) },
    DifferentiableOperation("rmsNorm of one row", [1, 4], [4]) { a, b, _ in a.rmsNorm(weight: b, epsilon: 0.5) },
    DifferentiableOperation("softmaxCrossEntropy", [3, 4]) { a, _, _ in softmaxCrossEntropy(a, [1, 0, 3]) },
    DifferentiableOperation("softmaxCrossEntropy, a loss a row", [2, 2, 4]) { a, _, _ in
      softmaxCrossEntropy(a, [1, 0, 3, 3], reduction: .none)
    },
    DifferentiableOperation("sigmoidCrossEntropy", [2, 2]) { a, _, _ in
      sigmoidCrossEntropy(a, Tensor([[0, 1], [0.3, 0.8]]))
    },
    DifferentiableOperation("sigmoidCrossEntropy, a loss an element", [3]) { a, _, _ in
      sigmoidCrossEntropy(a, Tensor([0, 1, 0.5]), reduction: .none)
    },
    DifferentiableOperation("sigmoidCrossEntropy with positive weights", [3, 2], [3, 2]) { a, b, _ in
      sigmoidCrossEntropy(a, b.sigmoid(), positiveWeights: Tensor([0.5, 3]))
    },
    DifferentiableOperation("sigmoidCrossEntropy with targets that are tracked", [2, 3], [2, 3]) { a, b, _ in
      sigmoidCrossEntropy(a, b)
    },
    DifferentiableOperation("meanSquaredError with targets that are tracked", [2, 3], [2, 3]) { a, b, _ in
      meanSquaredError(a, b)
    },
    DifferentiableOperation("meanSquaredError", [2, 2]) { a, _, _ in
      meanSquaredError(a, Tensor([[0, 1], [0.3, 0.8]]))
    },
    DifferentiableOperation("meanSquaredError, summed", [3]) { a, _, _ in
      meanSquaredError(a, Tensor([0, 1, 0.5]), reduction: .sum)
    },
    DifferentiableOperation("meanAbsoluteError", [2, 3], [2, 3]) { a, b, _ in meanAbsoluteError(a, b) },
    DifferentiableOperation("huber", [2, 3], [2, 3]) { a, b, _ in huber(a, b, delta: 0.7) },
    DifferentiableOperation("unitRows", [3, 4]) { a, _, _ in a.unitRows() },
    DifferentiableOperation("cosineSimilarity", [3, 4], [4]) { a, b, _ in cosineSimilarity(a, b) },
    DifferentiableOperation("tripletMargin", [3, 4], [3, 4], [3, 4]) { a, b, c in
      tripletMargin(a, b, c, margin: 2, reduction: .none)
    },
    DifferentiableOperation("negativeSampling", [3], [3, 4]) { a, b, _ in negativeSampling(a, b) },
    DifferentiableOperation("marginRanking", [3], [3, 4]) { a, b, _ in marginRanking(a, b, margin: 0.3) },
    DifferentiableOperation("bayesianPersonalizedRanking", [3], [3, 4]) { a, b, _ in
      bayesianPersonalizedRanking(a, b)
    },
    DifferentiableOperation("sampledSoftmaxCrossEntropy", [2], [2, 3]) { a, b, _ in
      sampledSoftmaxCrossEntropy(a, b, classes: [0, 2], drawn: [2, 1, 1], by: RowSampler(frequencies: [3, 1, 2]))
    },
    DifferentiableOperation("batchSoftmaxCrossEntropy", [4, 3], [4, 3]) { a, b, _ in
      batchSoftmaxCrossEntropy(a, b, scale: 0.5, groups: [0, 1, 0, 2], bothWays: true)
    },
  ]

  static let distances = Distance.allCases.map { distance in
    DifferentiableOperation("distances, \(distance)", [3, 4], [5, 4]) { a, b, _ in a.distances(to: b, distance) }
  }

  static let operations = arithmetic + functions + matrices + reductions + shaping + rows + distances

  /// Along a random direction of every input, with a random cotangent.
  @Test(arguments: operations)
  func agreesWithFiniteDifferences(operation: DifferentiableOperation) {
    var generator = RandomGenerator(seed: 1)
    for shapes in operation.shapes {
      let inputs = (0..<3).map { index in
        let input = generator.tensorAwayFromZero(index < shapes.count ? shapes[index] : [0])
        return operation.isForPositive ? Tensor(shape: input.shape, elements: input.elements.map { abs($0) }) : input
      }
      let check = checkGradients(at: ["a": inputs[0], "b": inputs[1], "c": inputs[2]]) {
        operation.function($0["a"]!, $0["b"]!, $0["c"]!)
      }
      #expect(check.passed, "\(shapes): \(check)")
      let compared = shapes.count { $0.elementCount > 0 }
      #expect(check.directions.count == 3 * compared, "\(shapes)")
    }
  }

  @Test func unusedInputsGetZeros() {
    let (_, gradients) = valueWithGradients(at: [Tensor<Double>([1, 2]), Tensor([[3]]), Tensor([4])]) { x in
      let unused = x[1].exp() * 5
      _ = unused.sum()
      return (x[0] * 3).sum()
    }
    #expect(gradients == [Tensor([3, 3]), Tensor([[0]]), Tensor([0])])
  }

  /// Inputs that no tape tracks are operands like others, from either side.
  @Test func constants() {
    let constant = Variable(Tensor<Double>([2, 3]))
    let (value, gradients) = valueWithGradients(at: [Tensor<Double>([5, 7])]) { x in
      (constant * x[0] + x[0] / constant - constant).sum()
    }
    #expect(abs(value - 30.8333333333333333) < 1e-14)
    #expect(gradients[0].distance(to: Tensor([2.5, 3 + 1.0 / 3])) < 1e-15)
  }
}
