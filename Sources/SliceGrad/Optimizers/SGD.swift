import SliceGradKernels

/// Stochastic gradient descent, for dense parameters and for tables.
///
/// g := g + weightDecay · θ;
/// b := momentum · b + (1 − dampening) · g, in the first update b := g;
/// θ := θ − learningRate · b, with Nesterov's momentum θ := θ − learningRate · (g + momentum · b).
///
///     let rule = SGD<Tensor<Double>>(learningRate: 0.1, momentum: 0.5)
///     var (parameter, state) = (Tensor<Double>([1]), rule.initialState(for: [1]))
///     for _ in 0..<2 { rule.update(&parameter, with: Tensor([2]), state: &state) }
///     print(parameter)  // [0.5]
///
/// It is the rule of `torch.optim.SGD`. Keras multiplies the gradient by the learning rate before it enters b, so that
/// a change of the learning rate takes full effect only as older gradients fade; at a constant learning rate both are
/// the same. In a table, only the rows that have a gradient are touched: the others keep their numbers and their
/// momentum, and neither decays. PyTorch's momentum on sparse gradients decays in every row.
///
/// Sources: Polyak, “Some methods of speeding up the convergence of iteration methods” (1964); Sutskever, Martens, Dahl
/// and Hinton, “On the importance of initialization and momentum in deep learning” (2013).
public struct SGD<Gradient: ParameterGradient>: Optimizer {
  /// The momentum of one leaf (for a table, of its touched rows) and the number of its updates.
  public struct State: Restorable {
    /// The updates so far.
    public internal(set) var step = 0
    /// b, if there is momentum.
    public internal(set) var momentum: Gradient.Accumulator?

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      visit(&momentum, "momentum")
    }
  }

  /// 0 or more.
  public let learningRate: Double
  /// The decay of b, in `0..<1`.
  public let momentum: Double
  /// The share of the gradient that doesn't enter b, in `0..<1`.
  public let dampening: Double
  /// An L2 penalty, 0 or more; for a table, of the rows that have a gradient.
  public let weightDecay: Double
  /// Whether to look ahead (Sutskever et al. 2013).
  public let nesterov: Bool

  /// The rule with these hyperparameters. Traps if one is out of its range, and on `nesterov` without momentum or with
  /// dampening.
  public init(
    learningRate: Double, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "weightDecay": weightDecay])
    check(["momentum": momentum, "dampening": dampening], in: 0..<1)
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
    let step = SliceGradSGD(
      rate: learningRate * learningRateFactor, momentum: momentum, gradientGain: state.step == 1 ? 1 : 1 - dampening,
      weightDecay: weightDecay, nesterov: nesterov)
    gradient.apply(to: &parameter, &state.momentum) { Gradient.Scalar.Kernels.sgd($0, $1, $2, step, $3) }
  }
}
