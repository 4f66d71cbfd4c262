import SliceGradKernels

/// Adam for dense parameters (Kingma and Ba 2015, Algorithm 1), with bias-corrected moments of the gradient.
///
/// m := β₁ m + (1 − β₁) g;  v := β₂ v + (1 − β₂) g²;
/// θ := θ − learningRate · m̂ / (√v̂ + ε)  with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
/// It is `torch.optim.Adam`, with `weightDecay: .decoupled(λ)` its `AdamW`. Keras adds ε before the correction of v,
/// which is `SparseAdam`'s `.uncorrected`. For tables see `SparseAdam`.
public struct Adam<Scalar: TensorScalar>: Optimizer {
  /// How weights decay.
  public enum WeightDecay: Hashable, Sendable {
    case none
    /// λ θ is added to the gradient, and so passes through the moments.
    case l2(Double)
    /// θ := (1 − learningRate · λ) θ before the step (Loshchilov and Hutter 2019).
    case decoupled(Double)
  }

  /// The moments of one parameter and the number of its updates.
  public struct State: OptimizerState {
    /// t
    public internal(set) var step = 0
    /// m
    public internal(set) var firstMoment: Tensor<Scalar>
    /// v
    public internal(set) var secondMoment: Tensor<Scalar>
    /// The largest v so far, with AMSGrad.
    public internal(set) var maximumSecondMoment: Tensor<Scalar>?

    public mutating func visitFields(_ visitor: inout some OptimizerStateVisitor) {
      visitor.visit(&step, "step")
      visitor.visit(&firstMoment, "firstMoment")
      visitor.visit(&secondMoment, "secondMoment")
      visitor.visit(&maximumSecondMoment, "maximumSecondMoment")
    }
  }

  let learningRate: Double
  let beta1: Double
  let beta2: Double
  let epsilon: Double
  let weightDecay: WeightDecay
  let isAMSGrad: Bool
  let maximizes: Bool

  /// The rule with these hyperparameters. Traps on one out of its range.
  ///
  /// - Parameters:
  ///   - learningRate: 0 or more.
  ///   - beta1: the decay of the first moment, in `0..<1`.
  ///   - beta2: the decay of the second moment, in `0..<1`.
  ///   - epsilon: 0 or more.
  ///   - weightDecay: λ is 0 or more.
  ///   - amsgrad: whether the largest second moment so far divides (Reddi, Kale and Kumar 2018).
  ///   - maximize: whether to climb instead.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: WeightDecay = .none, amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    isAMSGrad = amsgrad
    maximizes = maximize
    check(learningRate, "learningRate", in: 0..<(.infinity))
    check(beta1, "beta1", in: 0..<1)
    check(beta2, "beta2", in: 0..<1)
    check(epsilon, "epsilon", in: 0..<(.infinity))
    switch weightDecay {
    case .none: break
    case .l2(let lambda), .decoupled(let lambda): check(lambda, "weightDecay", in: 0..<(.infinity))
    }
  }

  public func initialState(for shape: Shape) -> State {
    State(
      firstMoment: Tensor(zeros: shape), secondMoment: Tensor(zeros: shape),
      maximumSecondMoment: isAMSGrad ? Tensor(zeros: shape) : nil)
  }

  @specialized(where Scalar == Float)
  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State, learningRateFactor: Double
  ) {
    require(
      gradient.shape == parameter.shape,
      "Adam: a gradient of shape \(gradient.shape) for a parameter of shape \(parameter.shape)")
    state.step += 1
    guard gradient.count > 0 else { return }
    let rate = learningRate * learningRateFactor
    var step = SliceGradAdam(
      rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: state.step, maximizes: maximizes)
    switch weightDecay {
    case .none: break
    case .l2(let lambda): step.weightDecay = lambda
    case .decoupled(let lambda): step.keep = 1 - rate * lambda
    }
    gradient.withPointer { g in
      parameter.withMutablePointer { p in
        state.firstMoment.withMutablePointer { m in
          state.secondMoment.withMutablePointer { v in
            withOptionalMutablePointer(&state.maximumSecondMoment) { maximum in
              Threads.shareStream(gradient.count) {
                let start = $0.lowerBound
                Scalar.Kernels.adam(
                  p + start, m + start, v + start, maximum.map { $0 + start }, g + start, step, $0.count)
              }
            }
          }
        }
      }
    }
  }
}

extension SliceGradAdam {
  /// The coefficients of step t = 1, 2, …, with ε beside the corrected root, and no weight decay.
  init(rate: Double, beta1: Double, beta2: Double, epsilon: Double, step t: Int, maximizes: Bool) {
    self.init(
      beta1: beta1, gain1: 1 - beta1, beta2: beta2, gain2: 1 - beta2, stepSize: rate / biasCorrection(beta1, t),
      rootScale: 1 / biasCorrection(beta2, t).squareRoot(), epsilon: epsilon, keep: 1, weightDecay: 0,
      sign: maximizes ? -1 : 1)
  }
}
