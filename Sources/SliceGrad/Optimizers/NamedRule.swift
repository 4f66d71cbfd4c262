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
    make = { TrainedLeaf(name: $0, rule: rule, factor: $2, state: rule.initialState(for: $1), update: update) }
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
  let rule: Rule
  /// The factor of the rule's learning rate in every step.
  let factor: Double
  var state: Rule.State
  let update: Update

  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { (rule, factor) }
  var description: String { factor == 1 ? "\(rule)" : "\(factor) × \(rule)" }
  var anyState: any Restorable { state }

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    update(name, &value, gradient, &state, learningRateFactor * factor)
  }
  mutating func settle(_ value: inout Tensor<Scalar>) { rule.settle(&value, state: &state) }
  mutating func visitFields(_ visit: inout FieldVisitor) { state.visitFields(&visit) }
}
