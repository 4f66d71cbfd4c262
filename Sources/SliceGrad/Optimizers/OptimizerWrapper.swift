/// A rule that leaves to another one what it doesn't implement itself. If both take the same gradients, that may be
/// everything.
public protocol OptimizerWrapper: Optimizer where State == Rule.State {
  associatedtype Rule: Optimizer where Rule.Gradient.Scalar == Gradient.Scalar

  /// The other rule.
  var rule: Rule { get }
}

extension OptimizerWrapper {
  public var rowChanges: RowChanges { rule.rowChanges }

  public func checkHyperparameters() { rule.checkHyperparameters() }

  public func initialState(for shape: Shape) -> State { rule.initialState(for: shape) }

  public func catchUp(_ parameter: inout Tensor<Gradient.Scalar>, rows: [Int32]?, state: inout State) {
    rule.catchUp(&parameter, rows: rows, state: &state)
  }
}

extension OptimizerWrapper where Rule.Gradient == Gradient {
  public func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient, state: &state, learningRateFactor: learningRateFactor)
  }
}
