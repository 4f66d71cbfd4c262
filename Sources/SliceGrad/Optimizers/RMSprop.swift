import SliceGradKernels

/// RMSprop for dense parameters (Tieleman and Hinton 2012; centered: Graves 2013).
///
/// g := ±g + weightDecay · θ;  v := α v + (1 − α) g²;  direction := g / (√v + ε), centered g / (√(v − mean²) + ε) with
/// mean := α mean + (1 − α) g;  with momentum b := momentum · b + direction instead;  θ := θ − learningRate ·
/// direction.
///
/// It is the rule of `torch.optim.RMSprop`. Keras and TensorFlow have ε inside the root, and
/// the learning rate inside b.
public struct RMSprop<Scalar: TensorScalar>: Optimizer {
  /// The moving averages of one parameter.
  public struct State: OptimizerState {
    /// v
    public internal(set) var secondMoment: Tensor<Scalar>
    /// The moving average of the gradient, if centered.
    public internal(set) var mean: Tensor<Scalar>?
    /// b, with momentum.
    public internal(set) var momentum: Tensor<Scalar>?

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&secondMoment, "secondMoment")
      visitor.visit(&mean, "mean")
      visitor.visit(&momentum, "momentum")
    }
  }

  let learningRate: Double
  let alpha: Double
  let epsilon: Double
  let weightDecay: Double
  let momentum: Double
  let isCentered: Bool
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - alpha: the decay of the averages, in `0..<1`.
  ///   - epsilon: 0 or more.
  ///   - weightDecay: an L2 penalty, 0 or more.
  ///   - momentum: in `0..<1`.
  ///   - centered: whether the variance of the gradient divides, not its mean square.
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
    momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.alpha = alpha
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    isCentered = centered
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(alpha, "alpha", in: 0..<1)
    check(epsilon, "epsilon", in: 0..<(.infinity))
    check(weightDecay, "weightDecay", in: 0..<(.infinity))
    check(momentum, "momentum", in: 0..<1)
  }

  public func initialState(for shape: Shape) -> State {
    State(
      secondMoment: Tensor(zeros: shape), mean: isCentered ? Tensor(zeros: shape) : nil,
      momentum: momentum > 0 ? Tensor(zeros: shape) : nil)
  }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
  ) {
    require(
      gradient.shape == parameter.shape,
      "RMSprop: a gradient of shape \(gradient.shape) for a parameter of shape \(parameter.shape)")
    guard gradient.count > 0 else { return }
    let step = SliceGradRMSprop(
      rate: learningRate * learningRateFactor, alpha: alpha, epsilon: epsilon, weightDecay: weightDecay,
      momentum: momentum, sign: maximizes ? -1 : 1)
    gradient.withPointer { g in
      parameter.withMutablePointer { p in
        state.secondMoment.withMutablePointer { v in
          withOptionalMutablePointer(&state.mean) { mean in
            withOptionalMutablePointer(&state.momentum) { buffer in
              Threads.shareStream(gradient.count) {
                let start = $0.lowerBound
                Scalar.Kernels.rmsprop(
                  p + start, v + start, mean.map { $0 + start }, buffer.map { $0 + start }, g + start, step, $0.count)
              }
            }
          }
        }
      }
    }
  }
}
