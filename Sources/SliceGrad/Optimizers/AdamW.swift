/// Adam with decoupled weight decay, under a name of its own: θ := (1 − learningRate · λ) θ, and then a step of `Adam`.
///
///     let rule = AdamW<Double>(learningRate: 0.5, epsilon: 0, weightDecay: 0.1)
///     var (parameter, state) = (Tensor<Double>([1]), rule.initialState(for: [1]))
///     rule.update(&parameter, with: Tensor([20]), state: &state)
///     print(parameter)  // [0.45]
///     print(AdamW<Float>())
///     // AdamW(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: 0.01, amsgrad: false)
///
/// It is `Adam` with `weightDecay: .decoupled(λ)`, and has the defaults of `torch.optim.AdamW`.
///
/// Source: Loshchilov and Hutter, “Decoupled Weight Decay Regularization” (2019), Algorithm 2.
public struct AdamW<Scalar: TensorScalar>: OptimizerWrapper {
  public typealias Gradient = Tensor<Scalar>
  public typealias State = Adam<Scalar>.State

  /// The `Adam` that it is, with its hyperparameters.
  public let rule: Adam<Scalar>

  /// The rule with these hyperparameters, of which `weightDecay` is λ, 0 or more; see `Adam`. Traps if one is out of
  /// its range.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 1e-2, amsgrad: Bool = false
  ) {
    rule = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: .decoupled(weightDecay),
      amsgrad: amsgrad)
  }

  public var description: String {
    "AdamW(learningRate: \(rule.learningRate), beta1: \(rule.beta1), beta2: \(rule.beta2), "
      + "epsilon: \(rule.epsilon), weightDecay: \(rule.weightDecay.lambda), amsgrad: \(rule.amsgrad))"
  }
}
