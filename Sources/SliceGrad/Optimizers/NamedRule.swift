/// A rule as the place that names it has it. Its initializers are inlined there, and with them a call of `update` that
/// is compiled for the rule's own types: in a generic rule of a user's own, numbers are Float, not whatever a `Scalar`
/// is.
@usableFromInline
struct NamedRule<Scalar: TensorScalar>: Sendable {
  /// The rule with a state for a leaf of this name and shape.
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
    rule.checkHyperparameters()
    make = { ParameterLeaf(name: $0, rule: rule, factor: $2, state: rule.initialState(for: $1), compiled: update) }
  }

  @usableFromInline
  init<Rule: Optimizer<IndexedSlices<Scalar>>>(_ rule: Rule, _ update: @escaping RuleUpdate<Rule>) {
    rule.checkHyperparameters()
    make = { TableLeaf(name: $0, rule: rule, factor: $2, state: rule.initialState(for: $1), compiled: update) }
  }
}

/// Calls a rule's `update`.
@usableFromInline
typealias RuleUpdate<Rule: Optimizer> =
  @Sendable (
    Rule, inout Tensor<Rule.Gradient.Scalar>, Rule.Gradient, inout Rule.State, _ learningRateFactor: Double
  ) -> Void

/// A leaf that is trained.
private protocol TrainedLeaf: LeafRule where Rule.Gradient.Scalar == Scalar {
  associatedtype Rule: Optimizer
  var rule: Rule { get }
  /// What multiplies the rule's learning rate in every step.
  var factor: Double { get }
  var state: Rule.State { get set }
}

extension TrainedLeaf {
  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { (rule, factor) }
  var description: String { factor == 1 ? "\(rule)" : "\(factor) × \(rule)" }
  var anyState: any Restorable { state }

  mutating func settle(_ value: inout Tensor<Scalar>) { rule.settle(&value, state: &state) }
  mutating func visitFields(_ visit: inout FieldVisitor) { state.visitFields(&visit) }
}

// A struct for each kind of gradient, because code for both would look up the gradient's type in every step.

private struct ParameterLeaf<Rule: Optimizer, Scalar>: TrainedLeaf where Rule.Gradient == Tensor<Scalar> {
  let name: String
  let rule: Rule
  let factor: Double
  var state: Rule.State
  let compiled: RuleUpdate<Rule>

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    guard case .dense(let gradient) = gradient else { trap("ModelOptimizer: \(name) was a table") }
    compiled(rule, &value, gradient, &state, learningRateFactor * factor)
  }
}

private struct TableLeaf<Rule: Optimizer, Scalar>: TrainedLeaf where Rule.Gradient == IndexedSlices<Scalar> {
  let name: String
  let rule: Rule
  let factor: Double
  var state: Rule.State
  let compiled: RuleUpdate<Rule>

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    guard case .sparse(let gradient) = gradient else { trap("ModelOptimizer: \(name) was a parameter") }
    compiled(rule, &value, gradient, &state, learningRateFactor * factor)
  }
}
