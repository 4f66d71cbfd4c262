import SliceGradKernels

/// Lion (Chen et al. 2023, Algorithm 2), for dense parameters and for tables: steps of one length, by the sign of an
/// interpolated momentum.
///
/// θ := θ − learningRate · (sign(β₁ m + (1 − β₁) g) + weightDecay · θ);  m := β₂ m + (1 − β₂) g.
///
/// It wants a learning rate some 3 to 10 times smaller than Adam's, and a weight decay as much larger. On slices it
/// updates the rows that have a gradient, and their m. PyTorch has no such rule; Keras' and optax' are this one.
public struct Lion<Gradient: ParameterGradient>: Optimizer {
  /// The momentum of one leaf, on slices of its touched rows, and the number of its updates.
  public struct State: OptimizerState {
    /// The updates so far.
    public internal(set) var step = 0
    /// m
    public internal(set) var momentum: Gradient.Accumulator?

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&step, "step")
      visitor.visit(&momentum, "momentum")
    }
  }

  let learningRate: Double
  let beta1: Double
  let beta2: Double
  let weightDecay: Double
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: the share of the momentum in a step's direction, in `0..<1`.
  ///   - beta2: the decay of the momentum, in `0..<1`.
  ///   - weightDecay: decoupled, 0 or more; on slices, of their rows.
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(beta1, "beta1", in: 0..<1)
    check(beta2, "beta2", in: 0..<1)
    check(weightDecay, "weightDecay", in: 0..<(.infinity))
  }

  public func initialState(for shape: Shape) -> State {
    State(momentum: Gradient.accumulator(for: shape, initialValue: 0))
  }

  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    state.step += 1
    let step = SliceGradLion(
      rate: learningRate * learningRateFactor, beta1: beta1, beta2: beta2, weightDecay: weightDecay,
      sign: maximizes ? -1 : 1)
    gradient.apply(
      to: &parameter, &state.momentum,
      whole: { p, m, g, n in Gradient.Scalar.Kernels.lion(p, m!, g, step, n) },
      rows: { table, g, rows, d in Gradient.Scalar.Kernels.lionRows(table, g, rows, step, d) })
  }
}
