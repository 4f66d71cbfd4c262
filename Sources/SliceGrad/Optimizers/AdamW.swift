/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) by its own name: `Adam` with `weightDecay:
/// .decoupled(weightDecay)`, and the default of `torch.optim.AdamW`.
public struct AdamW<Scalar: TensorScalar>: Optimizer {
  let rule: Adam<Scalar>

  /// The rule with these hyperparameters, see `Adam`. Traps on one out of its range.
  ///
  /// - Parameter weightDecay: λ, 0 or more: θ := (1 − learningRate · λ) θ before each step.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    rule = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: .decoupled(weightDecay),
      amsgrad: amsgrad, maximize: maximize)
  }

  public func initialState(for shape: Shape) -> Adam<Scalar>.State { rule.initialState(for: shape) }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout Adam<Scalar>.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient, state: &state, learningRateFactor: learningRateFactor)
  }
}
