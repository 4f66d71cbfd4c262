import SliceGrad
import Testing

@Suite struct ParameterOverrideTests {
  /// A table and two linear layers, one of which may be away.
  private struct Classifier: Module {
    typealias Scalar = Double
    var embedding: Embedding<Double>
    var hidden: [Dense<Double>]
    var output: Dense<Double>
    var extra: Dense<Double>?
    var depth = 2

    init() {
      var generator = RandomGenerator(seed: 1)
      embedding = Embedding(rows: 5, columns: 3, using: &generator)
      hidden = (0..<depth).map { _ in Dense(inputs: 3, outputs: 3, using: &generator) }
      output = Dense(inputs: 3, outputs: 2, using: &generator)
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&embedding, "embedding")
      for position in hidden.indices { visit(&hidden[position], "hidden.\(position)") }
      visit(&output, "output")
      visit(&extra, "extra")
    }

    func loss() -> Variable<Double> {
      let features = embedding([1, 3])
      return output(hidden[1](hidden[0](features).tanh()).tanh()).square().sum()
    }
  }

  /// The model after three steps.
  private func trained(_ overrides: [ParameterOverride<Classifier>]) -> Classifier {
    var model = Classifier()
    var optimizer = ModelOptimizer(
      for: model, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 0.2), overrides: overrides)
    for _ in 0..<3 {
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss() }.gradients)
    }
    return model
  }

  /// Each leaf's change in one step is its learning rate times its gradient.
  private func learningRates(_ overrides: [ParameterOverride<Classifier>]) -> [String: Double] {
    var model = Classifier()
    let start = model
    var optimizer = ModelOptimizer(
      for: model, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 0.2), overrides: overrides)
    let gradients = valueWithGradients(at: model) { $0.loss() }.gradients
    optimizer.update(&model, with: gradients)
    func rate(_ before: Tensor<Double>, _ after: Tensor<Double>, _ gradient: Tensor<Double>) -> Double {
      let place = gradient.elements.indices.max { abs(gradient.elements[$0]) < abs(gradient.elements[$1]) }!
      let rate = (before.elements[place] - after.elements[place]) / gradient.elements[place]
      return (rate * 1e9).rounded() / 1e9
    }
    var rates: [String: Double] = [:]
    rates["embedding.weight"] = rate(
      start.embedding.weight.value, model.embedding.weight.value,
      gradients[\.embedding.weight, in: start]!.densified())
    let denses: [(String, KeyPath<Classifier, Dense<Double>>)] = [
      ("hidden.0", \.hidden[0]), ("hidden.1", \.hidden[1]), ("output", \.output),
    ]
    for (name, path) in denses {
      let (weight, bias) = (path.appending(path: \.weight), path.appending(path: \.bias!))
      rates[name + ".weight"] = rate(
        start[keyPath: weight].value, model[keyPath: weight].value, gradients[weight, in: start]!)
      rates[name + ".bias"] = rate(start[keyPath: bias].value, model[keyPath: bias].value, gradients[bias, in: start]!)
    }
    return rates
  }

  private let usual = [
    "embedding.weight": 0.2, "hidden.0.weight": 0.1, "hidden.0.bias": 0.1, "hidden.1.weight": 0.1, "hidden.1.bias": 0.1,
    "output.weight": 0.1, "output.bias": 0.1,
  ]

  @Test func withoutOverrides() { #expect(learningRates([]) == usual) }

  /// A parameter, an optional one, a table, a layer, a list of layers: what a key path leads to is meant.
  @Test func keyPathsLeadToParametersAndParts() {
    var expected = usual
    expected["hidden.0.weight"] = 0
    expected["hidden.0.bias"] = 0
    expected["hidden.1.weight"] = 0
    expected["hidden.1.bias"] = 0
    #expect(learningRates([.frozen(\.hidden)]) == expected)
    #expect(learningRates([.frozen(\.hidden[0]), .frozen(\.hidden[1])]) == expected)
    expected["output.bias"] = 0.05
    expected["embedding.weight"] = 0.6
    #expect(
      learningRates([
        .frozen(\.hidden), .learningRate(times: 0.5, for: \.output.bias),
        .learningRate(times: 3, for: \.embedding.weight),
      ]) == expected)
    #expect(learningRates([.frozen(\.self)]).values.allSatisfy { $0 == 0 })
  }

  /// A rule of one kind leaves the leaves of the other kind alone.
  @Test func otherRules() {
    var expected = usual.mapValues { _ in 7.0 }
    expected["embedding.weight"] = 0.2
    #expect(learningRates([.rule(dense: SGD(learningRate: 7), for: \.self)]) == expected)
    expected = usual
    expected["embedding.weight"] = 8
    #expect(learningRates([.rule(sparse: SGD(learningRate: 8), for: \.self)]) == expected)
    expected["output.weight"] = 9
    #expect(
      learningRates([
        .rule(sparse: SGD(learningRate: 8), for: \.embedding),
        .rule(dense: SGD(learningRate: 9), for: \.output.weight),
      ]) == expected)
  }

  /// Frozen leaves keep every bit over several steps, the others train.
  @Test func frozenLeavesStay() {
    let (start, model) = (Classifier(), trained([.frozen(\.embedding), .frozen(\.output.bias)]))
    #expect(model.embedding.weight == start.embedding.weight && model.output.bias == start.output.bias)
    #expect(model.output.weight != start.output.weight)
    #expect(trained([.learningRate(times: 1, for: \.self)]).output.weight == trained([]).output.weight)
  }

  /// With overrides for all tables no rule for tables is needed.
  @Test func overridesStandForAMissingRule() {
    var model = Classifier()
    var optimizer = ModelOptimizer(
      for: model, dense: SGD(learningRate: 0.1), overrides: [.frozen(\.embedding)])
    let gradients = valueWithGradients(at: model) { $0.loss() }.gradients
    optimizer.update(&model, with: gradients)
    #expect(model.embedding.weight == Classifier().embedding.weight)
    #expect(
      optimizer.ruleDescriptions.map { String($0.prefix { $0 != "(" }) } == ["frozen"]
        + Array(repeating: "SGD", count: 6)
    )
  }

  private static func make(_ overrides: [ParameterOverride<Classifier>]) {
    _ = ModelOptimizer(
      for: Classifier(), dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 0.2), overrides: overrides)
  }

  private static let names =
    "embedding.weight, hidden.0.weight, hidden.0.bias, hidden.1.weight, hidden.1.bias, output.weight, output.bias"

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError(
      "ModelOptimizer: two overrides match output.weight: .frozen(\\Classifier.output) and "
        + ".learningRate(times: 2.0, for: \\Classifier.output.weight)"
    ) { make([.frozen(\.output), .learningRate(times: 2, for: \.output.weight)]) },
    ProgrammingError("ModelOptimizer: the override .frozen(\\Classifier.extra) matches nothing among \(names)") {
      make([.frozen(\.extra)])
    },
    ProgrammingError(
      "ModelOptimizer: the override .learningRate(times: 2.0, for: \\Classifier.depth) matches nothing among "
        + names
    ) { make([.learningRate(times: 2, for: \.depth)]) },
    ProgrammingError("ParameterOverride: learning rate times -1.0, expected 0 or more") {
      make([.learningRate(times: -1, for: \.output)])
    },
    ProgrammingError("ModelOptimizer: Classifier has tables without a rule: pass one as `sparse:`") {
      _ = ModelOptimizer(for: Classifier(), dense: SGD(learningRate: 1), overrides: [.frozen(\.output)])
    },
  ]
}
