import SliceGradKernels

/// Lion, for dense parameters and for tables: steps of one length, by the sign of an interpolated momentum.
///
/// θ := θ − learningRate · (sign(β₁ m + (1 − β₁) g) + weightDecay · θ);  m := β₂ m + (1 − β₂) g.
///
///     let rule = Lion<Tensor<Double>>(learningRate: 0.25)
///     var (parameter, state) = (Tensor<Double>([1, 1]), rule.initialState(for: [2]))
///     rule.update(&parameter, with: Tensor([0.001, -20]), state: &state)
///     print(parameter)  // [0.75, 1.25]
///
/// It needs a learning rate some 3 to 10 times smaller than Adam's, and a weight decay larger by the same factor. For a
/// table, it updates the rows that have a gradient, and their m. PyTorch has no such rule; those of Keras and optax are
/// the same as this one.
///
/// Source: Chen et al., “Symbolic Discovery of Optimization Algorithms” (2023), Algorithm 2.
public struct Lion<Gradient: ParameterGradient>: Optimizer {
  /// The momentum of one leaf; for a table, of its touched rows.
  public struct State: Restorable {
    /// m
    public internal(set) var momentum: Gradient.Accumulator?

    public mutating func visitFields(_ visit: inout FieldVisitor) { visit(&momentum, "momentum") }
  }

  /// 0 or more.
  public let learningRate: Double
  /// β₁, the share of the momentum in a step's direction, in `0..<1`.
  public let beta1: Double
  /// β₂, the decay of the momentum, in `0..<1`.
  public let beta2: Double
  /// Decoupled, 0 or more; for a table, of the rows that have a gradient.
  public let weightDecay: Double

  /// The rule with these hyperparameters. Traps if one is out of its range.
  public init(learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "weightDecay": weightDecay])
    check(["beta1": beta1, "beta2": beta2], in: 0..<1)
  }

  public func initialState(for shape: Shape) -> State {
    State(momentum: Gradient.accumulator(for: shape, initialValue: 0))
  }

  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    let step = SliceGradLion(
      rate: learningRate * learningRateFactor, beta1: beta1, beta2: beta2, weightDecay: weightDecay)
    gradient.apply(to: &parameter, &state.momentum) { Gradient.Scalar.Kernels.lion($0, $1, $2, step, $3) }
  }
}
