/// A rule that ascends: it increases the function whose gradient it gets. PyTorch's rules have a flag for it,
/// `maximize`.
///
///     let rule = Maximizing(SGD<Tensor<Double>>(learningRate: 0.1))
///     var (parameter, state) = (Tensor<Double>([1, 2]), rule.initialState(for: [2]))
///     rule.update(&parameter, with: Tensor([10, 20]), state: &state)
///     print(parameter)  // [2, 4]
public struct Maximizing<Rule: Optimizer>: OptimizerWrapper {
  public typealias Gradient = Rule.Gradient

  public let rule: Rule

  /// The rule with the sign of its gradients changed.
  public init(_ rule: Rule) { self.rule = rule }

  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout Rule.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: -gradient, state: &state, learningRateFactor: learningRateFactor)
  }
}
