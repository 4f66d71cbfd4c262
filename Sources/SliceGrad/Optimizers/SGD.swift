import SliceGradKernels

/// Stochastic gradient descent, for dense parameters and for tables.
///
/// g := ±g + weightDecay · θ;
/// b := momentum · b + (1 − dampening) · g, at the first update b := g;
/// θ := θ − learningRate · b, with Nesterov's momentum θ − learningRate · (g + momentum · b).
///
/// It is the rule of `torch.optim.SGD` (momentum: Polyak 1964, in the form of Sutskever et al. 2013). Keras multiplies
/// the gradient by the learning rate before it enters b, so that a schedule acts on later steps only as the momentum
/// fades; at a constant learning rate both are the same. On `IndexedSlices` it touches only their rows: the others keep their numbers
/// and their momentum, and neither decays. (PyTorch's momentum on sparse gradients decays every row's.)
public struct SGD<Gradient: ParameterGradient>: Optimizer {
  /// The momentum of one leaf, on slices that of its touched rows, and the number of its updates.
  public struct State: OptimizerState {
    /// The updates so far.
    public internal(set) var step = 0
    /// b, if there is momentum.
    public internal(set) var momentum: Gradient.Accumulator?

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&step, "step")
      visitor.visit(&momentum, "momentum")
    }
  }

  let learningRate: Double
  let momentum: Double
  let dampening: Double
  let weightDecay: Double
  let isNesterov: Bool
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range, and on Nesterov without momentum or with
  /// dampening.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - momentum: in `0..<1`.
  ///   - dampening: of momentum, in `0..<1`.
  ///   - weightDecay: an L2 penalty, 0 or more; on slices, of their rows.
  ///   - nesterov: whether to look ahead (Sutskever et al. 2013).
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false,
    maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    isNesterov = nesterov
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(momentum, "momentum", in: 0..<1)
    check(dampening, "dampening", in: 0..<1)
    check(weightDecay, "weightDecay", in: 0..<(.infinity))
    require(!nesterov || (momentum > 0 && dampening == 0), "SGD: nesterov needs a momentum above 0 and no dampening")
  }

  public func initialState(for shape: Shape) -> State {
    State(momentum: momentum > 0 ? Gradient.accumulator(for: shape, initialValue: 0) : nil)
  }

  @specialized(where Gradient == Tensor<Float>)
  @specialized(where Gradient == IndexedSlices<Float>)
  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    state.step += 1
    let isFirst = state.step == 1
    let later = SliceGradSGD(
      rate: learningRate * learningRateFactor, momentum: momentum, keep: 1 - dampening, weightDecay: weightDecay,
      sign: maximizes ? -1 : 1, nesterov: isNesterov)
    var first = later
    first.keep = 1
    gradient.apply(
      to: &parameter, &state.momentum,
      whole: { p, b, g, n in Gradient.Scalar.Kernels.sgd(p, b, g, isFirst ? first : later, n) },
      rows: { table, g, rows, d in Gradient.Scalar.Kernels.sgdRows(table, g, rows, first, later, d) })
  }
}
