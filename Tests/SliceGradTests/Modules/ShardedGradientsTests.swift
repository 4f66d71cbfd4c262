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

  /// The mean over parts of all sizes, some of them empty, is the mean over the batch up to rounding. Small row numbers
  /// are numbered by a list of all, large ones by a hash table.
  @Test(arguments: [1, 2, 4, 8, 16, 32], [1, 1000]) func meanOfTheBatch(count: Int, spacing: Int32) {
    let model = BagModel<Double>(rows: 20 * Int(spacing), columns: 5)
    let texts = Self.texts.map { Text(bag: $0.bag.map { $0 * spacing }, label: $0.label) }
    let whole = valueWithGradients(at: model) { Self.loss($0, texts) }
    let (value, gradients) = valueWithGradients(at: model, shards: texts.shards(count), Self.loss)
    #expect(abs(value - whole.value) < 1e-14)
    let (rows, expectedRows) = (
      gradients[\.embedding.weight, in: model]!, whole.gradients[\.embedding.weight, in: model]!
    )
    #expect(rows.indices == [1, 2, 0, 19, 7, 3, 5, 6, 4, 11].map { $0 * spacing })
    #expect(rows.isCoalesced)
    #expect(expectedRows.indices == rows.indices)
    #expect(rows.values.distance(to: expectedRows.values) < 1e-15)
    let weight = gradients[\.output.weight, in: model]!
    #expect(weight.distance(to: whole.gradients[\.output.weight, in: model]!) < 1e-15)
  }

  /// Parts whose texts are all without rows: a gradient without rows, not none.
  @Test func emptyBags() {
    let texts = Self.labels.map { Text(bag: [], label: $0) }
    let gradients = valueWithGradients(at: Self.model, shards: texts.shards(4), Self.loss).gradients
    #expect(gradients[\.embedding.weight, in: Self.model]?.count == 0)
  }

  /// Tables of other look-ups beside one another, one with padding, and a large parameter.
  @Test func severalLeaves() {
    struct Towers: Module {
      var words = EmbeddingTable(Tensor<Double>(shape: [9, 2], elements: (0..<18).map { Double($0 * 7 % 5) }))
      var users = EmbeddingTable(Tensor<Double>(shape: [4000, 2], elements: (0..<8000).map { Double($0 % 11) }))
      var weight = Parameter(Tensor<Double>(shape: [200, 200], elements: (0..<40_000).map { Double($0 % 3) }))
      var scale = Parameter(Tensor<Double>([2, 3]))

      mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
        visit(&words, "words")
        visit(&users, "users")
        visit(&weight, "weight")
        visit(&scale, "scale")
      }

      func loss(_ users: [Int32]) -> Variable<Double> {
        let bags = RaggedIndices(users.map { [$0 % 9, $0 % 4, $0 % 4] })
        let words = self.words.gather(users.map { $0 % 7 }, paddingIndex: 3) + self.words.embeddingBag(bags, mode: .max)
        let sums = (words * self.users.gather(users) * scale.variable).sum(over: [1])
        return (sums * weight.variable.sum()).mean()
      }
    }
    let model = Towers()
    let users = (0..<24).map { Int32($0 * $0 * 6 % 4000) }
    let whole = valueWithGradients(at: model) { $0.loss(users) }
    let parts = valueWithGradients(at: model, shards: users.shards(8)) { $0.loss($1) }
    #expect(abs(parts.value / whole.value - 1) < 1e-14)
    for table in [\Towers.words, \.users] {
      let (rows, expected) = (parts.gradients[table, in: model]!, whole.gradients[table, in: model]!)
      #expect(rows.densified().distance(to: expected.densified()) < 1e-12 * expected.squaredNorm.squareRoot())
    }
    for parameter in [\Towers.weight, \.scale] {
      let (sum, expected) = (parts.gradients[parameter, in: model]!, whole.gradients[parameter, in: model]!)
      #expect(sum.distance(to: expected) < 1e-12 * expected.squaredNorm.squareRoot())
    }
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
