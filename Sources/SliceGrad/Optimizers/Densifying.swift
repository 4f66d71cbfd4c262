/// A dense rule on a table: what dense frameworks do, at its honest price.
///
///     let optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: Densifying(Adam()))
///
/// Every step spreads the gradient to the whole table `[v, d]` and updates every row of it, those without a gradient by
/// their momentum too. The rule's state is one for the whole table.
///
/// - Complexity: O(v d) time and memory a step.
public struct Densifying<Rule: Optimizer, Scalar>: OptimizerWrapper where Rule.Gradient == Tensor<Scalar> {
  public typealias Gradient = IndexedSlices<Scalar>

  public let rule: Rule

  /// The sparse rule that does what a dense one does.
  public init(_ rule: Rule) { self.rule = rule }

  public var rowChanges: RowChanges { rule.rowChanges == .postponed ? .postponed : .all }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout Rule.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient.densified(), state: &state, learningRateFactor: learningRateFactor)
  }
}
