/// A dense rule for a table: what frameworks with dense gradients do, at its full price.
///
/// Every step expands the gradient to the whole table `[v, d]` and updates every row of it. Rows without a gradient
/// move on by their momentum:
///
///     let rule = Densifying(SGD<Tensor<Double>>(learningRate: 0.5, momentum: 0.5))
///     var (table, state) = (Tensor<Double>([[1], [1]]), rule.initialState(for: [2, 1]))
///     for row: Int32 in [0, 1] {
///       let gradient = IndexedSlices<Double>(indices: [row], values: Tensor([[1]]), denseShape: [2, 1])
///       rule.update(&table, with: gradient, state: &state)
///     }
///     print(table.elements)  // [0.25, 0.5]
///
/// The state of the rule is that for a dense parameter of the table's size.
///
/// - Complexity: O(v d) time and memory per step.
public struct Densifying<Rule: Optimizer, Scalar>: OptimizerWrapper where Rule.Gradient == Tensor<Scalar> {
  public typealias Gradient = IndexedSlices<Scalar>

  public let rule: Rule

  /// The rule for tables that does what a dense one does.
  public init(_ rule: Rule) { self.rule = rule }

  public var rowChanges: RowChanges { rule.rowChanges == .postponed ? .postponed : .all }

  public func update(
    _ parameter: inout Tensor<Scalar>, with gradient: IndexedSlices<Scalar>, state: inout Rule.State,
    learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient.densified(), state: &state, learningRateFactor: learningRateFactor)
  }
}
