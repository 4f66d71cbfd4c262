import SliceGradKernels

/// RMSprop, for dense parameters: steps along the gradient, divided by the root of a moving average of its square.
///
/// g := g + weightDecay · θ;  v := α v + (1 − α) g²;
/// direction := g / (√v + ε) or, if centered, g / (√(v − mean²) + ε) with mean := α mean + (1 − α) g;
/// with momentum, b := momentum · b + direction takes the place of the direction;
/// θ := θ − learningRate · direction.
///
///     let rule = RMSprop<Double>(learningRate: 0.1, alpha: 0.75, epsilon: 0)
///     var (parameter, state) = (Tensor<Double>([1]), rule.initialState(for: [1]))
///     rule.update(&parameter, with: Tensor([3]), state: &state)  // v = 9 / 4
///     print(parameter)  // [0.8]
///
/// It is the rule of `torch.optim.RMSprop`. Keras and TensorFlow have ε inside the root, and include the learning rate
/// in b.
///
/// Sources: Tieleman and Hinton, “Lecture 6.5: rmsprop”, Neural Networks for Machine Learning (2012); centered: Graves,
/// “Generating Sequences With Recurrent Neural Networks” (2013), equations 38 to 45.
public struct RMSprop<Scalar: TensorScalar>: Optimizer {
  /// The moving averages of one parameter.
  public struct State: Restorable {
    /// v
    public internal(set) var secondMoment: Tensor<Scalar>
    /// The moving average of the gradient, if centered.
    public internal(set) var mean: Tensor<Scalar>?
    /// b, with momentum.
    public internal(set) var momentum: Tensor<Scalar>?

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&secondMoment, "secondMoment")
      visit(&mean, "mean")
      visit(&momentum, "momentum")
    }
  }

  /// 0 or more.
  public let learningRate: Double
  /// α, the decay of the averages, in `0..<1`.
  public let alpha: Double
  /// ε, 0 or more.
  public let epsilon: Double
  /// An L2 penalty, 0 or more.
  public let weightDecay: Double
  /// The decay of b, in `0..<1`.
  public let momentum: Double
  /// Whether to divide by the root of the gradient's variance, not by that of its mean square.
  public let centered: Bool

  /// The rule with these hyperparameters. Traps if one is out of its range.
  public init(
    learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
    momentum: Double = 0, centered: Bool = false
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.centered = centered
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "epsilon": epsilon, "weightDecay": weightDecay])
    check(["alpha": alpha, "momentum": momentum], in: 0..<1)
  }

  public func initialState(for shape: Shape) -> State {
    State(
      secondMoment: Tensor(zeros: shape), mean: centered ? Tensor(zeros: shape) : nil,
      momentum: momentum > 0 ? Tensor(zeros: shape) : nil)
  }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
  ) {
    let step = SliceGradRMSprop(
      rate: learningRate * learningRateFactor, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay,
      momentum: momentum)
    let (shape, v) = (parameter.shape, state.secondMoment.address(in: parameter.shape))
    let states = (v, state.mean?.address(in: shape), state.momentum?.address(in: shape))
    gradient.apply(to: &parameter, states) { Scalar.Kernels.rmsprop($0, $1, $2, step, $3) }
  }
}
