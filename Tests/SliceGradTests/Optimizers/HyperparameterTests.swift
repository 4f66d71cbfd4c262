import Foundation
import SliceGrad
import Testing

@Suite struct HyperparameterTests {
  /// The bounds themselves are in range where the documentation says so.
  @Test func boundsAreInRange() {
    _ = SGD<Tensor<Float>>(learningRate: 0, momentum: 0, dampening: 0, weightDecay: 0)
    _ = SGD<Tensor<Float>>(learningRate: 1e9, momentum: 0.999, weightDecay: 1e9, nesterov: true)
    _ = Adam<Float>(learningRate: 0, beta1: 0, beta2: 0, epsilon: 0, weightDecay: .l2(0))
    _ = SparseAdam<Float>(learningRate: 0, beta1: 0, beta2: 0, epsilon: 0)
    _ = Adagrad<Tensor<Float>>(learningRate: 0, learningRateDecay: 0, weightDecay: 0, initialAccumulator: 0, epsilon: 0)
    _ = RMSprop<Float>(learningRate: 0, alpha: 0, epsilon: 0, weightDecay: 0, momentum: 0)
  }

  private static let shape: Shape = [2, 3]

  /// Updates a leaf of shape [2, 3] by a gradient of another shape.
  private static func update<Rule: Optimizer>(_ rule: Rule, with gradient: Rule.Gradient) {
    var (parameter, state) = (Tensor<Rule.Gradient.Scalar>(zeros: shape), rule.initialState(for: shape))
    rule.update(&parameter, with: gradient, state: &state, learningRateFactor: 1)
  }

  /// Updates a parameter of 100,000 elements, or a table [2, 3], by a rule with the state of another shape.
  private static func grow(_ rule: some Optimizer<Tensor<Float>>, from shape: Shape) {
    var (parameter, state) = (Tensor<Float>(zeros: [100_000]), rule.initialState(for: shape))
    rule.update(&parameter, with: Tensor(ones: [100_000]), state: &state)
  }

  private static func growTable(_ rule: some Optimizer<IndexedSlices<Float>>, from shape: Shape) {
    var (table, state) = (Tensor<Float>(zeros: [2, 3]), rule.initialState(for: shape))
    let gradient = IndexedSlices<Float>(indices: [1], values: Tensor(ones: [1, 3]), denseShape: [2, 3])
    rule.update(&table, with: gradient, state: &state)
  }

  /// What `print` shows is what one writes.
  @Test func descriptions() {
    let adam = "Adam(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: .none, amsgrad: false)"
    #expect("\(Adam<Float>())" == adam)
    #expect("\(Densifying(Adam<Float>()))" == "Densifying(\(adam))")
    #expect("\(Lion<Tensor<Float>>())" == "Lion(learningRate: 0.0001, beta1: 0.9, beta2: 0.99, weightDecay: 0.0)")
    #expect("\(AdamW<Float>())".hasSuffix("epsilon: 1e-08, weightDecay: 0.01, amsgrad: false)"))
    #expect(
      "\(SparseAdam<Float>(inactiveRows: .decayed, weightDecay: .touchedRows(0.5)))".hasSuffix(
        "epsilonPlacement: .corrected, inactiveRows: .decayed, weightDecay: .touchedRows(0.5), amsgrad: false, "
          + "secondMoment: .perElement)"))
  }

  /// Every rule comes back from what it encodes.
  @Test func encodedRulesComeBack() throws {
    func check<Rule: Optimizer>(_ rule: Rule) throws {
      let decoded = try JSONDecoder().decode(Rule.self, from: JSONEncoder().encode(rule))
      #expect("\(decoded)" == "\(rule)")
    }
    for (dense, sparse) in RuleCases<Float>.pairs {
      try check(dense)
      try check(sparse)
    }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("SparseAdam: learningRate · weightDecay is 2.0, not below 1") {
      _ = SparseAdam<Float>(learningRate: 1, weightDecay: .caughtUp(2))
    },
    ProgrammingError("SparseAdam: learningRate · weightDecay is 1.0, not below 1") {
      _ = SparseAdam<Float>(learningRate: 0.5, weightDecay: .touchedRows(2))
    },
    ProgrammingError("SGD: learningRate -1.0 is not in 0.0..<inf") { _ = SGD<Tensor<Float>>(learningRate: -1) },
    ProgrammingError("SGD: learningRate nan is not in 0.0..<inf") { _ = SGD<Tensor<Float>>(learningRate: .nan) },
    ProgrammingError("SGD: momentum 1.0 is not in 0.0..<1.0") { _ = SGD<Tensor<Float>>(learningRate: 1, momentum: 1) },
    ProgrammingError("SGD: dampening -0.1 is not in 0.0..<1.0") {
      _ = SGD<IndexedSlices<Float>>(learningRate: 1, momentum: 0.5, dampening: -0.1)
    },
    ProgrammingError("SGD: weightDecay inf is not in 0.0..<inf") {
      _ = SGD<Tensor<Float>>(learningRate: 1, weightDecay: .infinity)
    },
    ProgrammingError("SGD: nesterov needs a momentum above 0 and no dampening") {
      _ = SGD<Tensor<Float>>(learningRate: 1, nesterov: true)
    },
    ProgrammingError("SGD: nesterov needs a momentum above 0 and no dampening") {
      _ = SGD<Tensor<Float>>(learningRate: 1, momentum: 0.5, dampening: 0.1, nesterov: true)
    },
    ProgrammingError("Adam: learningRate inf is not in 0.0..<inf") { _ = Adam<Float>(learningRate: .infinity) },
    ProgrammingError("Adam: beta1 1.0 is not in 0.0..<1.0") { _ = Adam<Float>(beta1: 1) },
    ProgrammingError("Adam: beta2 -0.5 is not in 0.0..<1.0") { _ = Adam<Float>(beta2: -0.5) },
    ProgrammingError("Adam: epsilon -1e-08 is not in 0.0..<inf") { _ = Adam<Float>(epsilon: -1e-8) },
    ProgrammingError("Adam: weightDecay -1.0 is not in 0.0..<inf") { _ = Adam<Float>(weightDecay: .l2(-1)) },
    ProgrammingError("Adam: weightDecay -2.0 is not in 0.0..<inf") { _ = Adam<Float>(weightDecay: .decoupled(-2)) },
    ProgrammingError("SparseAdam: learningRate -0.5 is not in 0.0..<inf") { _ = SparseAdam<Float>(learningRate: -0.5) },
    ProgrammingError("SparseAdam: beta1 1.5 is not in 0.0..<1.0") { _ = SparseAdam<Float>(beta1: 1.5) },
    ProgrammingError("SparseAdam: beta2 1.0 is not in 0.0..<1.0") { _ = SparseAdam<Float>(beta2: 1) },
    ProgrammingError("SparseAdam: weightDecay -1.0 is not in 0.0..<inf") {
      _ = SparseAdam<Float>(weightDecay: .caughtUp(-1))
    },
    ProgrammingError(
      "SparseAdam: inactiveRows .decayed needs biasCorrection .globalStep: its moments are as old as Adam's"
    ) {
      _ = SparseAdam<Float>(biasCorrection: .activeSteps, inactiveRows: .decayed)
    },
    ProgrammingError("SparseAdam: learningRate · weightDecay is 1.0, not below 1") {
      update(
        SparseAdam<Float>(learningRate: 0.5, weightDecay: .caughtUp(2)), with: IndexedSlices(denseShape: shape)
      )
    },
    ProgrammingError("RowwiseAdagrad: learningRate -1.0 is not in 0.0..<inf") {
      _ = RowwiseAdagrad<Float>(learningRate: -1)
    },
    ProgrammingError("RowwiseAdagrad: weightDecay -1.0 is not in 0.0..<inf") {
      _ = RowwiseAdagrad<Float>(weightDecay: -1)
    },
    ProgrammingError("RowwiseAdagrad: initialAccumulator -1.0 is not in 0.0..<inf") {
      _ = RowwiseAdagrad<Float>(initialAccumulator: -1)
    },
    ProgrammingError("RowwiseAdagrad: epsilon -1.0 is not in 0.0..<inf") { _ = RowwiseAdagrad<Float>(epsilon: -1) },
    ProgrammingError("Lion: learningRate -1.0 is not in 0.0..<inf") { _ = Lion<Tensor<Float>>(learningRate: -1) },
    ProgrammingError("Lion: beta1 1.0 is not in 0.0..<1.0") { _ = Lion<Tensor<Float>>(beta1: 1) },
    ProgrammingError("Lion: beta2 1.0 is not in 0.0..<1.0") { _ = Lion<Tensor<Float>>(beta2: 1) },
    ProgrammingError("Lion: weightDecay -1.0 is not in 0.0..<inf") { _ = Lion<Tensor<Float>>(weightDecay: -1) },
    ProgrammingError("SparseAdam: epsilon nan is not in 0.0..<inf") { _ = SparseAdam<Float>(epsilon: .nan) },
    ProgrammingError("Adagrad: learningRate -1.0 is not in 0.0..<inf") { _ = Adagrad<Tensor<Float>>(learningRate: -1) },
    ProgrammingError("Adagrad: learningRateDecay -1.0 is not in 0.0..<inf") {
      _ = Adagrad<IndexedSlices<Float>>(learningRateDecay: -1)
    },
    ProgrammingError("Adagrad: weightDecay -1.0 is not in 0.0..<inf") { _ = Adagrad<Tensor<Float>>(weightDecay: -1) },
    ProgrammingError("Adagrad: initialAccumulator -1.0 is not in 0.0..<inf") {
      _ = Adagrad<Tensor<Float>>(initialAccumulator: -1)
    },
    ProgrammingError("Adagrad: epsilon -1.0 is not in 0.0..<inf") { _ = Adagrad<Tensor<Float>>(epsilon: -1) },
    ProgrammingError("LimitingRowNorms: limit 0.0 is not above 0") {
      _ = LimitingRowNorms(SGD<IndexedSlices<Float>>(learningRate: 1), to: 0)
    },
    ProgrammingError("RMSprop: learningRate -1.0 is not in 0.0..<inf") { _ = RMSprop<Float>(learningRate: -1) },
    ProgrammingError("RMSprop: alpha 1.0 is not in 0.0..<1.0") { _ = RMSprop<Float>(alpha: 1) },
    ProgrammingError("RMSprop: epsilon -1.0 is not in 0.0..<inf") { _ = RMSprop<Float>(epsilon: -1) },
    ProgrammingError("RMSprop: weightDecay -1.0 is not in 0.0..<inf") { _ = RMSprop<Float>(weightDecay: -1) },
    ProgrammingError("RMSprop: momentum 1.0 is not in 0.0..<1.0") { _ = RMSprop<Float>(momentum: 1) },
    ProgrammingError("a gradient of shape [3, 2] for a parameter of shape [2, 3]") {
      update(SGD(learningRate: 1), with: Tensor<Float>(zeros: [3, 2]))
    },
    ProgrammingError("a gradient of shape [6] for a parameter of shape [2, 3]") {
      update(Adam(), with: Tensor<Float>(zeros: [6]))
    },
    ProgrammingError("a gradient of shape [3] for a parameter of shape [2, 3]") {
      update(RMSprop(), with: Tensor<Float>(zeros: [3]))
    },
    ProgrammingError("slices of a table of shape [4, 3] for a table of shape [2, 3]") {
      update(SparseAdam(), with: IndexedSlices<Float>(denseShape: [4, 3]))
    },
    ProgrammingError("slices of a table of shape [2, 4] for a table of shape [2, 3]") {
      update(Adagrad(), with: IndexedSlices<Float>(denseShape: [2, 4]))
    },
    ProgrammingError("Adam: beta1 2.0 is not in 0.0..<1.0") {
      let json = #"{"learningRate":1,"beta1":2,"beta2":0,"epsilon":0,"weightDecay":{"none":{}},"amsgrad":false}"#
      let rule = try! JSONDecoder().decode(Adam<Float>.self, from: Data(json.utf8))
      struct One: Module {
        var weight = Parameter<Float>(Tensor(zeros: [1]))
        mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
          visit(&weight, "weight")
        }
      }
      _ = ModelOptimizer(for: One(), dense: rule)
    },
    ProgrammingError("a rule's state of shape [2] for a parameter of shape [100000]") { grow(Adam(), from: [2]) },
    ProgrammingError("a rule's state of shape [2] for a parameter of shape [100000]") {
      grow(SGD(learningRate: 1, momentum: 0.5), from: [2])
    },
    ProgrammingError("a rule's state of shape [99999, 1] for a parameter of shape [100000]") {
      grow(RMSprop(momentum: 0.5), from: [99_999, 1])
    },
    ProgrammingError("a rule's state of shape [2, 2] for a parameter of shape [2, 3]") {
      growTable(Densifying(Lion()), from: [2, 2])
    },
    ProgrammingError("a rule's state of a table of shape [1, 3] for a table of shape [2, 3]") {
      growTable(SparseAdam(), from: [1, 3])
    },
    ProgrammingError("a rule's state of a table of shape [2, 2] for a table of shape [2, 3]") {
      growTable(Adagrad(), from: [2, 2])
    },
    ProgrammingError("a rule's state of a table of shape [4, 3] for a table of shape [2, 3]") {
      growTable(RowwiseAdagrad(), from: [4, 3])
    },
    ProgrammingError("a rule's state of shape [2] for a parameter of shape [3]") {
      var (parameter, momentum) = (Tensor<Float>(ones: [3]), Tensor<Float>(ones: [2]))
      parameter.update(with: Tensor(ones: [3]), &momentum) { p, g, m in p += g + m }
    },
    ProgrammingError("[2, 3] += [3, 3]: in-place arithmetic needs equal shapes") {
      var table = Tensor<Float>(ones: [2, 3])
      table.add(IndexedSlices(denseShape: [3, 3]), scaledBy: 1)
    },
    ProgrammingError("Schedule: step -1 is negative") { _ = Schedule.constant()(-1) },
    ProgrammingError("Schedule.step: every 0 is not above 0") { _ = Schedule.step(every: 0, factor: 0.5) },
    ProgrammingError("Schedule.cosine: steps 0 is not above 0") { _ = Schedule.cosine(steps: 0) },
    ProgrammingError("Schedule.linear: steps -5 is not above 0") { _ = Schedule.linear(from: 1, to: 0, steps: -5) },
  ]
}
