/// A rule, together with a call of its `update` that is compiled where the program names the rule. The initializers are
/// inlined there, so that the call is compiled for the rule's own types: a generic rule of a user's own then computes
/// with `Float`, not with any `Scalar`.
@usableFromInline
struct NamedRule<Scalar: TensorScalar>: Sendable {
  /// Makes the rule with its state for a leaf of this name and shape.
  let make: @Sendable (_ name: String, _ shape: Shape, _ learningRateFactor: Double) -> any LeafRule<Scalar>

  /// A rule for parameters.
  @inlinable
  init<Rule: Optimizer<Tensor<Scalar>>>(dense rule: Rule) {
    self.init(rule) { $0.update(&$1, with: $2, state: &$3, learningRateFactor: $4) }
  }

  /// A rule for tables.
  @inlinable
  init<Rule: Optimizer<IndexedSlices<Scalar>>>(sparse rule: Rule) {
    self.init(rule) { $0.update(&$1, with: $2, state: &$3, learningRateFactor: $4) }
  }

  @usableFromInline
  init<Rule: Optimizer<Tensor<Scalar>>>(_ rule: Rule, _ update: @escaping RuleUpdate<Rule>) {
    self.init(rule: rule) { name, value, gradient, state, factor in
      guard case .dense(let gradient) = gradient else {
        trap("ModelOptimizer: \(name) has a table's gradient, but a rule for parameters")
      }
      update(rule, &value, gradient, &state, factor)
    }
  }

  @usableFromInline
  init<Rule: Optimizer<IndexedSlices<Scalar>>>(_ rule: Rule, _ update: @escaping RuleUpdate<Rule>) {
    self.init(rule: rule) { name, value, gradient, state, factor in
      guard case .sparse(let gradient) = gradient else {
        trap("ModelOptimizer: \(name) has a parameter's gradient, but a rule for tables")
      }
      update(rule, &value, gradient, &state, factor)
    }
  }

  private init<Rule: Optimizer>(
    rule: Rule, update: @escaping TrainedLeaf<Rule, Scalar>.Update
  ) where Rule.Gradient.Scalar == Scalar {
    rule.checkHyperparameters()
    make = { TrainedLeaf(name: $0, shape: $1, rule: rule, factor: $2, update: update) }
  }
}

/// Calls a rule's `update`.
@usableFromInline
typealias RuleUpdate<Rule: Optimizer> =
  @Sendable (
    Rule, inout Tensor<Rule.Gradient.Scalar>, Rule.Gradient, inout Rule.State, _ learningRateFactor: Double
  ) -> Void

/// A leaf that is trained.
private struct TrainedLeaf<Rule: Optimizer, Scalar>: LeafRule where Rule.Gradient.Scalar == Scalar {
  /// Calls the rule's `update` with the gradient. Traps if the gradient is of another kind than the rule.
  typealias Update =
    @Sendable (
      _ name: String, inout Tensor<Scalar>, LeafGradient<Scalar>, inout Rule.State, _ learningRateFactor: Double
    ) -> Void

  let name: String
  let shape: Shape
  let rule: Rule
  /// The factor of the rule's learning rate in every step.
  let factor: Double
  let update: Update
  var state: Rule.State

  /// A leaf at its start.
  init(name: String, shape: Shape, rule: Rule, factor: Double, update: @escaping Update) {
    self.name = name
    self.shape = shape
    self.rule = rule
    self.factor = factor
    self.update = update
    state = rule.initialState(for: shape)
  }

  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { (rule, factor) }
  var description: String { factor == 1 ? "\(rule)" : "\(factor) × \(rule)" }
  var anyState: any Restorable { state }
  var namedShape: FitReport.NamedShape? { (name, Array(shape), Rule.Gradient.self == IndexedSlices<Scalar>.self) }

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    check(value.shape)
    update(name, &value, gradient, &state, learningRateFactor * factor)
  }
  mutating func catchUp(_ value: inout Tensor<Scalar>, rows: [Int32]?) {
    check(value.shape)
    rule.catchUp(&value, rows: rows, state: &state)
  }
  /// Traps unless the leaf still has the shape for which the rule was made.
  private func check(_ newShape: Shape) {
    require(
      newShape == shape,
      "ModelOptimizer: \(name) of shape \(newShape), but of shape \(shape) when the optimizer was made for it; "
        + changedModelHint)
  }

  func atStart(for shape: Shape) -> TrainedLeaf {
    TrainedLeaf(name: name, shape: shape, rule: rule, factor: factor, update: update)
  }
  mutating func takeState(of other: any LeafRule<Scalar>) -> (found: String, expected: String)? {
    if let other = other as? TrainedLeaf,
      let continued = state.continuing(other.state, for: TableGrowth(old: other.shape, new: shape))
    {
      state = continued
      return nil
    }
    guard other.description == description else { return (other.description, description) }
    return ("a state that can't grow to \(shape)", "a RowState or one with a row for each row of the table")
  }
  mutating func visitFields(_ visit: inout FieldVisitor) { state.visitFields(&visit) }
  var inconsistency: String? { state.inconsistency }
}
