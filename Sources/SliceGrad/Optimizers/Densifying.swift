/// A dense rule on a table: what dense frameworks do, at its honest price.
///
///     ModelOptimizer(for: model, dense: Adam(), sparse: Densifying(Adam()))
///
/// Every step spreads the gradient to the whole table `[v, d]` and updates every row of it, those without a gradient by
/// their momentum too. O(v d) time and memory a step, and the rule's state for the whole table.
public struct Densifying<Rule: Optimizer, Scalar>: Optimizer where Rule.Gradient == Tensor<Scalar> {
  public typealias Gradient = IndexedSlices<Scalar>

  let rule: Rule

  /// The sparse rule that does what a dense one does.
  public init(_ rule: Rule) { self.rule = rule }

  public var rowChanges: RowChanges { rule.rowChanges == .postponed ? .postponed : .all }

  public func initialState(for shape: Shape) -> Rule.State { rule.initialState(for: shape) }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout Rule.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient.densified(), state: &state, learningRateFactor: learningRateFactor)
  }

  public func settle(_ parameter: inout Tensor<Scalar>, state: inout Rule.State) {
    rule.settle(&parameter, state: &state)
  }
}
