import SliceGradKernels

/// Adagrad (Duchi, Hazan and Singer 2011), for dense parameters and for tables: frequent directions get shorter steps.
///
/// g := ±g + weightDecay · θ;  a := a + g²;  θ := θ − rate · g / (√a + ε)  with rate = learningRate / (1 + (t − 1) ·
/// decay).
///
/// It is the rule of `torch.optim.Adagrad`. t counts the leaf's updates, on slices too, also those with an empty
/// gradient. Keras has ε inside the root, and starts a at 0.1.
public struct Adagrad<Gradient: ParameterGradient>: Optimizer {
  /// The sums of squares of one leaf, on slices those of its touched rows, and the number of its updates.
  public struct State: OptimizerState {
    /// The updates so far.
    public internal(set) var step = 0
    /// a
    public internal(set) var sumOfSquares: Gradient.Accumulator?

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&step, "step")
      visitor.visit(&sumOfSquares, "sumOfSquares")
    }
  }

  let learningRate: Double
  let learningRateDecay: Double
  let weightDecay: Double
  let initialAccumulator: Double
  let epsilon: Double
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - learningRateDecay: 0 or more.
  ///   - weightDecay: an L2 penalty, 0 or more; on slices, of their rows.
  ///   - initialAccumulator: what a starts with, 0 or more.
  ///   - epsilon: 0 or more.
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0, initialAccumulator: Double = 0,
    epsilon: Double = 1e-10, maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.learningRateDecay = learningRateDecay
    self.weightDecay = weightDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(learningRateDecay, "learningRateDecay", in: 0..<(.infinity))
    check(weightDecay, "weightDecay", in: 0..<(.infinity))
    check(initialAccumulator, "initialAccumulator", in: 0..<(.infinity))
    check(epsilon, "epsilon", in: 0..<(.infinity))
  }

  public func initialState(for shape: Shape) -> State {
    State(sumOfSquares: Gradient.accumulator(for: shape, initialValue: Gradient.Scalar(initialAccumulator)))
  }

  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    let rate = learningRate * learningRateFactor / (1 + Double(state.step) * learningRateDecay)
    state.step += 1
    let step = SliceGradAdagrad(rate: rate, epsilon: epsilon, weightDecay: weightDecay, sign: maximizes ? -1 : 1)
    gradient.apply(
      to: &parameter, &state.sumOfSquares,
      whole: { p, a, g, n in Gradient.Scalar.Kernels.adagrad(p, a!, g, step, n) },
      rows: { table, g, rows, d in Gradient.Scalar.Kernels.adagradRows(table, g, rows, step, d) })
  }
}
