import SliceGradKernels

/// Adam, for dense parameters: steps along a moving average of the gradient, divided by the root of that of its square.
///
/// m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// θ := θ − learningRate · m̂ / (√v̂ + ε)  with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
///     let rule = Adam<Double>(learningRate: 0.5, epsilon: 0)
///     var (parameter, state) = (Tensor<Double>([1]), rule.initialState(for: [1]))
///     rule.update(&parameter, with: Tensor([20]), state: &state)
///     print(parameter)  // [0.5]
///
/// It is `torch.optim.Adam`; with `weightDecay: .decoupled(λ)` it is `torch.optim.AdamW`. Keras adds ε before the
/// correction of v, which is `SparseAdam`'s `.uncorrected`. For tables, see `SparseAdam`.
///
/// Source: Kingma and Ba, “Adam: A Method for Stochastic Optimization” (2015), Algorithm 1.
public struct Adam<Scalar: TensorScalar>: Optimizer {
  /// The moments of one parameter and the number of its updates.
  public struct State: Restorable {
    /// t
    public internal(set) var step = 0
    /// m
    public internal(set) var firstMoment: Tensor<Scalar>
    /// v
    public internal(set) var secondMoment: Tensor<Scalar>
    /// The largest v so far, with AMSGrad.
    public internal(set) var maximumSecondMoment: Tensor<Scalar>?

    public mutating func visitFields(_ visit: inout FieldVisitor) {
      visit(&step, "step")
      visit(&firstMoment, "firstMoment")
      visit(&secondMoment, "secondMoment")
      visit(&maximumSecondMoment, "maximumSecondMoment")
    }
  }

  /// 0 or more.
  public let learningRate: Double
  /// β₁, the decay of the first moment, in `0..<1`.
  public let beta1: Double
  /// β₂, the decay of the second moment, in `0..<1`.
  public let beta2: Double
  /// ε, 0 or more.
  public let epsilon: Double
  /// How the weights decay; λ is 0 or more.
  public let weightDecay: WeightDecay
  /// Whether the largest v so far takes the place of v (Reddi, Kale and Kumar, “On the Convergence of Adam and Beyond”,
  /// 2018).
  public let amsgrad: Bool

  /// The rule with these hyperparameters. Traps if one is out of its range.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: WeightDecay = .none, amsgrad: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    checkHyperparameters()
  }

  public func checkHyperparameters() {
    check(["learningRate": learningRate, "epsilon": epsilon, "weightDecay": weightDecay.lambda])
    check(["beta1": beta1, "beta2": beta2], in: 0..<1)
  }

  public func initialState(for shape: Shape) -> State {
    State(
      firstMoment: Tensor(zeros: shape), secondMoment: Tensor(zeros: shape),
      maximumSecondMoment: amsgrad ? Tensor(zeros: shape) : nil)
  }

  @specialized(where Scalar == Float)
  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
  ) {
    state.step += 1
    let rate = learningRate * learningRateFactor
    var step = SliceGradAdam(rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: state.step)
    switch weightDecay {
    case .none: break
    case .l2(let lambda): step.weightDecay = lambda
    case .decoupled(let lambda): step.parameterScale = 1 - rate * lambda
    }
    let shape = parameter.shape
    let (m, v) = (state.firstMoment.address(in: shape), state.secondMoment.address(in: shape))
    let states = (m, v, state.maximumSecondMoment?.address(in: shape))
    withUnsafePointer(to: step) { step in
      gradient.apply(to: &parameter, states) {
        Scalar.Kernels.adam($0, $1, $2, step, isPerRow: false, hasFirst: true, sharesSecond: false, $3)
      }
    }
  }
}

/// How the weights decay in `Adam`.
public enum WeightDecay: Codable, Hashable, Sendable {
  case none
  /// λ θ is added to the gradient, and so goes through the moments.
  case l2(Double)
  /// θ := (1 − learningRate · λ) θ before the step (Loshchilov and Hutter, “Decoupled Weight Decay Regularization”,
  /// 2019).
  case decoupled(Double)

  /// λ; 0 if the weights don't decay.
  var lambda: Double {
    switch self {
    case .none: 0
    case .l2(let lambda), .decoupled(let lambda): lambda
    }
  }
}

extension SliceGradAdam {
  /// The coefficients of step t = 1, 2, …, without weight decay and with ε added to the corrected root.
  init(rate: Double, beta1: Double, beta2: Double, epsilon: Double, step t: Int) {
    self.init(
      beta1: beta1, oneMinusBeta1: 1 - beta1, beta2: beta2, oneMinusBeta2: 1 - beta2,
      stepSize: rate / biasCorrection(beta1, t), inverseRootCorrection: 1 / biasCorrection(beta2, t).squareRoot(),
      epsilon: epsilon, parameterScale: 1, weightDecay: 0)
  }
}
