import SliceGrad
import SliceGradKernels
import Testing

@Suite struct ShardedGradientsTests {
  private static let model = BagModel<Double>(rows: 20, columns: 5)
  private static let bags: [[Int32]] = [[1, 2, 1], [], [0, 19], [7], [1, 7, 7, 3], [2], [5, 6], [4, 1], [11]]
  private static let labels: [Int32] = [0, 3, 1, 2, 2, 0, 1, 3, 0]

  private struct Text: Sendable {
    let bag: [Int32]
    let label: Int32
  }
  private static let texts = zip(bags, labels).map { Text(bag: $0, label: $1) }

  @Sendable private static func loss(_ model: BagModel<Double>, _ part: [Text]) -> Variable<Double> {
    model.loss(part.map(\.bag), part.map(\.label))
  }

  /// The mean over parts of all sizes, some of them empty, is the mean over the batch up to rounding.
  @Test(arguments: [1, 2, 4, 8, 16, 32]) func meanOfTheBatch(count: Int) {
    let whole = valueWithGradients(at: Self.model) { $0.loss(Self.bags, Self.labels) }
    let (value, gradients) = valueWithGradients(at: Self.model, shards: Self.texts.shards(count), Self.loss)
    #expect(abs(value - whole.value) < 1e-14)
    let (rows, expectedRows) = (
      gradients[\.embedding.weight, in: Self.model]!, whole.gradients[\.embedding.weight, in: Self.model]!
    )
    #expect(rows.indices == expectedRows.indices)  // once each, in the order of their first appearance
    #expect(rows.isCoalesced)
    #expect(rows.values.distance(to: expectedRows.values) < 1e-15)
    let weight = gradients[\.output.weight, in: Self.model]!
    #expect(weight.distance(to: whole.gradients[\.output.weight, in: Self.model]!) < 1e-15)
  }

  /// Tensors and losses are added in pairs, the pairs in pairs.
  @Test func alongATree() {
    struct Scale: Module {
      var factor = Parameter(Tensor<Float>([1]))
      mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) { visit(&factor, "factor") }
    }
    let numbers: [Float] = [3e8, -3e8, 8, 3e8, -3e8, 8, 0.1, 7]
    let shards = numbers.shards(8)
    let (value, gradients) = valueWithGradients(at: Scale(), shards: shards) { model, part in
      (model.factor.variable * part[0]).sum()
    }
    let x = numbers.map { $0 / 8 }
    let tree = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
    #expect(value == tree)
    #expect(gradients[\.factor, in: Scale()]! == Tensor([tree]))
    #expect(tree != x.reduce(0, +))  // another order gives other bits
  }

  /// Bags with and without weights, rows, maxima and scores of one table in one step.
  @Test func lookUpsOfEveryKind() {
    struct Table: Module {
      var rows = EmbeddingTable(Tensor<Double>(shape: [6, 2], elements: (0..<12).map { 0.1 * Double($0 * 5 % 7) }))
      mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&rows, "rows") }

      func callAsFunction(_ bags: [[Int32]]) -> Variable<Double> {
        let bags = RaggedIndices(bags)
        let weights = Variable(Tensor(bags.values.map { 0.5 + Double($0) }))
        let (sums, maxima) = (
          rows.embeddingBag(bags, mode: .sum, weights: weights), rows.embeddingBag(bags, mode: .max)
        )
        let (means, single) = (rows.embeddingBag(bags), rows.gather(bags.values))
        let distances = rows.distances(of: bags, to: means, .squaredL2)
        let scores = rows.scores(of: bags, against: sums.tanh())
        return (sums * maxima).sum() + means.square().sum() + single.square().sum() + distances.sum() + scores.sum()
      }
    }
    let bags: [[Int32]] = [[1, 4], [3, 1, 1], [5], [0, 2]]
    let (value, gradients) = valueWithGradients(at: Table(), shards: bags.shards(4)) { $0($1) }
    let whole = valueWithGradients(at: Table()) { $0(bags) * 0.25 }  // sums here, the mean of sums there
    #expect(abs(value - whole.value) < 1e-13)
    let (slices, expected) = (gradients[\.rows, in: Table()]!, whole.gradients[\.rows, in: Table()]!)
    #expect(slices.densified().distance(to: expected.densified()) < 1e-13)
    #expect(slices.indices == expected.indices)
  }

  /// A table that is also multiplied by has a gradient of all rows, to which the look-ups of all parts are added.
  @Test func tiedWeights() {
    struct Tied: Module {
      var words = EmbeddingTable(Tensor<Double>(shape: [5, 2], elements: (0..<10).map { Double($0 * 3 % 7) - 2 }))
      mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&words, "words") }
      func loss(_ rows: [Int32]) -> Variable<Double> {
        words.gather(rows).matmul(words.variable, transposeRight: true).square().sum() / Double(rows.count)
      }
    }
    let rows: [Int32] = [1, 4, 1, 0, 2]
    let whole = valueWithGradients(at: Tied()) { $0.loss(rows) }
    let (_, gradients) = valueWithGradients(at: Tied(), shards: rows.shards(4)) { $0.loss($1) }
    let slices = gradients[\.words, in: Tied()]!
    #expect(slices.indices.sorted() == [0, 1, 2, 3, 4])
    #expect(slices.densified().distance(to: whole.gradients[\.words, in: Tied()]!.densified()) < 1e-11)
  }

  /// Each part has random numbers of its own, which follow from the tape's.
  @Test func dropout() {
    struct Ones: Module {
      var ones = Parameter(Tensor<Float>(ones: [64]))
      mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) { visit(&ones, "ones") }
    }
    func kept(_ tape: Tape<Float>) -> Tensor<Float> {
      valueWithGradients(at: Ones(), shards: [0, 1].shards(2), on: tape) { model, _ in
        model.ones.variable.dropout(0.5).sum()
      }.gradients[\.ones, in: Ones()]!
    }
    let tape = Tape<Float>(seed: 3)
    let (first, second) = (kept(tape), kept(tape))
    #expect(first == kept(Tape(seed: 3)))
    #expect(first != second)
    #expect(Set(first.elements) == [0, 1, 2])  // kept by none, by one and by both parts
  }

  @Test func buffersGetTheWeightedMean() {
    struct Counting: Module {
      var mean = Buffer(Tensor<Double>([0]))
      var scale = Parameter(Tensor<Double>([1]))
      mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
        visit(&mean, "mean")
        visit(&scale, "scale")
      }
    }
    var model = Counting()
    let numbers = [1.0, 2, 6]
    let (_, gradients) = valueWithGradients(at: model, shards: numbers.shards(2)) { model, part in
      model.mean.assign(Tensor([part.reduce(0, +) / Double(part.count)]))
      return model.scale.variable.sum()
    }
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    optimizer.update(&model, with: gradients)
    #expect(abs(model.mean.value.scalar - 3) < 1e-15)
  }

  @Test func theFirstPartsErrorIsThrown() {
    struct Failure: Error, Equatable {
      let part: [Int]
    }
    let error = #expect(throws: Failure.self) {
      _ = try valueWithGradients(at: Self.model, shards: [0, 1, 2, 3].shards(4)) {
        (model, part) throws(Failure) in
        if part[0] > 1 { throw Failure(part: part) }
        return model.output.bias!.variable.sum()
      }
    }
    #expect(error == Failure(part: [2]))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError(
      "valueWithGradients: 1 of 2 parts assign to a buffer of shape [2], expected all or none"
    ) {
      var model = BatchNorm<Float>(features: 2)
      model.runningMean.value = Tensor([1, 2])
      _ = valueWithGradients(at: model, shards: [0, 1].shards(2)) { model, part in
        if part == [0] { model.runningMean.assign(Tensor([3, 4])) }
        return model.weight.variable.sum()
      }
    }
  ]
}
