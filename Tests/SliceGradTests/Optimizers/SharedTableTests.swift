import SliceGrad
import Testing

/// A table that two parts of a model look up, in steps where both do, one does, none does, and where a batch is empty.
@Suite struct SharedTableTests {
  private struct Towers: Module {
    typealias Scalar = Double
    var words: Embedding<Double>
    var left: Dense<Double>
    var right: Dense<Double>

    init() {
      var generator = RandomGenerator(seed: 1)
      words = Embedding(rows: 7, columns: 3, using: &generator)
      left = Dense(inputs: 3, outputs: 2, using: &generator)
      right = Dense(inputs: 3, outputs: 2, using: &generator)
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&words, "words")
      visit(&left, "left")
      visit(&right, "right")
    }

    func loss(_ queries: [Int32]?, _ answers: [Int32]?) -> Variable<Double> {
      var loss = left.weight.variable.square().sum() + right.weight.variable.square().sum()
      if let queries { loss = loss + left(words(queries)).tanh().sum() }
      if let answers { loss = loss + right(words(answers)).square().sum() }
      if let queries, let answers, queries.count == answers.count {
        loss = loss + (left(words(queries)) * right(words(answers))).sum()
      }
      return loss
    }
  }

  /// The same model whose words are a parameter: its gradient is dense, its rule a dense one.
  private struct DenseTowers: Module {
    typealias Scalar = Double
    var words: Parameter<Double>
    var left: Dense<Double>
    var right: Dense<Double>

    init(_ towers: Towers) {
      words = Parameter(towers.words.weight.value)
      left = towers.left
      right = towers.right
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&words, "words")
      visit(&left, "left")
      visit(&right, "right")
    }

    func loss(_ queries: [Int32]?, _ answers: [Int32]?) -> Variable<Double> {
      let words = words.variable
      var loss = left.weight.variable.square().sum() + right.weight.variable.square().sum()
      if let queries { loss = loss + left(words.gather(queries)).tanh().sum() }
      if let answers { loss = loss + right(words.gather(answers)).square().sum() }
      if let queries, let answers, queries.count == answers.count {
        loss = loss + (left(words.gather(queries)) * right(words.gather(answers))).sum()
      }
      return loss
    }
  }

  /// The queries and answers of each step; nil where the part isn't used.
  private static let steps: [([Int32]?, [Int32]?)] = [
    ([1, 2, 1], [2, 5, 2]), ([3], nil), (nil, nil), (nil, [0, 0]), ([], []), ([], [4]), ([6, 1], [1, 6]),
  ]

  @Test func equalsADenseParameter() {
    var towers = Towers()
    var dense = DenseTowers(towers)
    let rate = 0.05
    var sparseOptimizer = ModelOptimizer(for: towers, dense: SGD(learningRate: rate), sparse: SGD(learningRate: rate))
    var denseOptimizer = ModelOptimizer(for: dense, dense: SGD(learningRate: rate))
    for (number, (queries, answers)) in Self.steps.enumerated() {
      let (loss, gradients) = valueWithGradients(at: towers) { $0.loss(queries, answers) }
      let (denseLoss, denseGradients) = valueWithGradients(at: dense) { $0.loss(queries, answers) }
      #expect(abs(loss - denseLoss) < 1e-13)
      let rows = gradients[\.words.weight, in: towers]
      #expect((rows == nil) == (queries == nil && answers == nil))
      if let rows { #expect(rows.isCoalesced && Set(rows.indices) == Set((queries ?? []) + (answers ?? []))) }
      sparseOptimizer.update(&towers, with: gradients)
      denseOptimizer.update(&dense, with: denseGradients)
      #expect(towers.words.weight.value.distance(to: dense.words.value) < 1e-13, "step \(number)")
      #expect(towers.left.weight.value.distance(to: dense.left.weight.value) < 1e-13, "step \(number)")
    }
  }

  /// SparseAdam's step counts the table's updates, an empty batch's too; a step without a look-up is none.
  @Test func stepsOfTheTable() throws {
    var towers = Towers()
    var optimizer = ModelOptimizer(for: towers, dense: Adam(), sparse: SparseAdam())
    for (queries, answers) in Self.steps {
      optimizer.update(&towers, with: valueWithGradients(at: towers) { $0.loss(queries, answers) }.gradients)
    }
    let state = try #require(optimizer.state(of: \.words.weight, in: towers, as: SparseAdam<Double>.State.self))
    #expect(state.step == Self.steps.count - 1 && optimizer.step == Self.steps.count)
    #expect((0..<7).map(state.moments.touches(ofRow:)) == [1, 2, 1, 1, 1, 1, 1])
  }
}
