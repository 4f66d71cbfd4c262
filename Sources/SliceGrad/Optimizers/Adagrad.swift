import SliceGradKernels

/// Adagrad, for dense parameters and for tables: frequent directions get shorter steps.
///
/// g := g + weightDecay · θ;  a := a + g²;
/// θ := θ − rate · g / (√a + ε)  with rate = learningRate / (1 + (t − 1) · learningRateDecay).
///
///     let rule = Adagrad<Tensor<Double>>(learningRate: 0.5, epsilon: 0)
///     var (parameter, state) = (Tensor<Double>([2]), rule.initialState(for: [1]))
///     rule.update(&parameter, with: Tensor([3]), state: &state)  // by 3 / √9
///     rule.update(&parameter, with: Tensor([4]), state: &state)  // by 4 / √25
///     print(parameter)  // [1.1]
///
/// It is the rule of `torch.optim.Adagrad`. t counts the leaf's updates; those of a table also if the gradient has no
/// rows. Keras has ε inside the root, and starts a at 0.1.
///
/// Source: Duchi, Hazan and Singer, “Adaptive Subgradient Methods for Online Learning and Stochastic Optimization”
/// (2011).
public struct Adagrad<Gradient: ParameterGradient>: Optimizer {
  /// The sums of squares of one leaf (for a table, of its touched rows) and the number of its updates.
  public struct State: Restorable {
    /// The updates so far.
    public internal(set) var step = 0
    /// a
    public internal(set) var sumOfSquares: Gradient.Accumulator?

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      visit(&sumOfSquares, "sumOfSquares")
    }
  }

  /// 0 or more.
  public let learningRate: Double
  /// 0 or more.
  public let learningRateDecay: Double
  /// An L2 penalty, 0 or more; for a table, of the rows that have a gradient.
  public let weightDecay: Double
  /// What a starts with, 0 or more.
  public let initialAccumulator: Double
  /// ε, 0 or more.
  public let epsilon: Double

  /// The rule with these hyperparameters. Traps if one is out of its range.
  public init(
    learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0, initialAccumulator: Double = 0,
    epsilon: Double = 1e-10
  ) {
    self.learningRate = learningRate
    self.learningRateDecay = learningRateDecay
    self.weightDecay = weightDecay
    self.initialAccumulator = initialAccumulator
    self.epsilon = epsilon
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "learningRateDecay": learningRateDecay, "weightDecay": weightDecay])
    check(["initialAccumulator": initialAccumulator, "epsilon": epsilon])
  }

  public func initialState(for shape: Shape) -> State {
    State(sumOfSquares: Gradient.accumulator(for: shape, initialValue: Gradient.Scalar(initialAccumulator)))
  }

  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    let rate = learningRate * learningRateFactor / (1 + Double(state.step) * learningRateDecay)
    state.step += 1
    let step = SliceGradAdagrad(rate: rate, epsilon: epsilon, weightDecay: weightDecay)
    gradient.apply(to: &parameter, &state.sumOfSquares) { Gradient.Scalar.Kernels.adagrad($0, $1, $2, step, $3) }
  }
}
