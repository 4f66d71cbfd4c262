import SliceGrad
import Testing

/// Rules for dense parameters: the parameter after each of a sequence of gradients.
struct DenseOptimizerFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let dtype: String
    let optimizer: String
    /// Whether most rows of each gradient are zero.
    let rowSparse: Bool
    let start: NestedNumbers
    let gradients: [NestedNumbers]
    /// The parameter after each gradient.
    let parameters: [NestedNumbers]

    // PyTorch's arguments; those that are missing had its defaults.
    let lr: Double
    let betas: [Double]?
    let eps: Double?
    let weightDecay: Double?
    let momentum: Double?
    let dampening: Double?
    let nesterov: Bool?
    let maximize: Bool?
    let amsgrad: Bool?
    let lrDecay: Double?
    let initialAccumulatorValue: Double?
    let alpha: Double?
    let centered: Bool?

    var description: String { optimizer }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "dense_optimizers").count == 24)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "dense_optimizers"))
  func parameterAfterEachStep(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    #expect(fixture.gradients.count == 10)
    switch fixture.dtype {
    case "float64": try fixture.reproduce(as: Double.self)
    case "float32": try fixture.reproduce(as: Float.self)
    default: throw UnknownInFixture(fixture.dtype)
    }
  }
}

extension DenseOptimizerFixtureTests.Case {
  /// Chooses SliceGrad's rule of the case's name, with PyTorch's defaults.
  fileprivate func reproduce<Scalar: TensorScalar>(as type: Scalar.Type) throws {
    switch optimizer {
    case "SGD":
      try follow(
        SGD<Tensor<Scalar>>(
          learningRate: lr, momentum: momentum ?? 0, dampening: dampening ?? 0, weightDecay: weightDecay ?? 0,
          nesterov: nesterov ?? false))
    case "Adam":
      try follow(adam(weightDecay: weightDecay.map { .l2($0) } ?? .none) as Adam<Scalar>)
    case "AdamW":
      try follow(adam(weightDecay: .decoupled(weightDecay ?? 0.01)) as Adam<Scalar>)
    case "Adagrad":
      try follow(
        Adagrad<Tensor<Scalar>>(
          learningRate: lr, learningRateDecay: lrDecay ?? 0, weightDecay: weightDecay ?? 0,
          initialAccumulator: initialAccumulatorValue ?? 0, epsilon: eps ?? 1e-10))
    case "RMSprop":
      try follow(
        RMSprop<Scalar>(
          learningRate: lr, alpha: alpha ?? 0.99, epsilon: eps ?? 1e-8, weightDecay: weightDecay ?? 0,
          momentum: momentum ?? 0, centered: centered ?? false))
    default: throw UnknownInFixture(optimizer)
    }
  }

  private func adam<Scalar>(weightDecay: WeightDecay) -> Adam<Scalar> {
    Adam(
      learningRate: lr, beta1: betas?[0] ?? 0.9, beta2: betas?[1] ?? 0.999, epsilon: eps ?? 1e-8,
      weightDecay: weightDecay, amsgrad: amsgrad ?? false)
  }

  /// Takes the steps by a rule, and where rows of the gradients are zero again with slices of the others.
  private func follow<Scalar>(_ rule: some Optimizer<Tensor<Scalar>>) throws {
    func follow(_ rule: some Optimizer<Tensor<Scalar>>) throws {
      try self.follow(rule) { $0 }
      if rowSparse { try self.follow(Densifying(rule)) { $0.rowsThatAreNotZero() } }
    }
    if maximize == true { try follow(Maximizing(rule)) } else { try follow(rule) }
  }

  private func follow<Rule: Optimizer, Scalar>(
    _ rule: Rule, _ gradientOf: (Tensor<Scalar>) -> Rule.Gradient
  ) throws where Rule.Gradient.Scalar == Scalar {
    var parameter = Tensor<Scalar>(start.tensor)
    var state = rule.initialState(for: parameter.shape)
    try #require(parameters.count == gradients.count)
    for (step, (gradient, expected)) in zip(gradients, parameters).enumerated() {
      rule.update(&parameter, with: gradientOf(Tensor(gradient.tensor)), state: &state, learningRateFactor: 1)
      expectAgreement(parameter, expected.tensor, "the parameter after step \(step)")
    }
  }
}

extension Tensor {
  /// The rows of a matrix that aren't zero.
  fileprivate func rowsThatAreNotZero() -> IndexedSlices<Scalar> {
    let rows = (0..<shape[0]).filter { slice($0..<$0 + 1, axis: 0).squaredNorm > 0 }
    let values = Tensor(shape: [rows.count, shape[1]], elements: rows.flatMap { slice($0..<$0 + 1, axis: 0).elements })
    return IndexedSlices(indices: rows.map { Int32($0) }, values: values, denseShape: shape)
  }
}
