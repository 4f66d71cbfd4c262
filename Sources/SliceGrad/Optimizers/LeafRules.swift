/// A rule together with its state for one leaf, whatever rule and leaf they are.
protocol LeafRule<Scalar>: Sendable, CustomStringConvertible {
  associatedtype Scalar: TensorScalar
  var leafName: String { get }
  var anyState: any OptimizerState { get }
  var rowChanges: RowChanges { get }
  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double)
  mutating func settle(_ value: inout Tensor<Scalar>)
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor)
}

/// The rules of a model's leaves, in the order of the visit. Traps if a leaf has no rule, if the model's visit forgets a
/// leaf, and on overrides that don't fit it.
func leafRules<Model: Module>(
  for model: Model, dense: (any Optimizer<Tensor<Model.Scalar>>)?,
  sparse: (any Optimizer<IndexedSlices<Model.Scalar>>)?, overrides: [ParameterOverride<Model>]
) -> [any LeafRule<Model.Scalar>] {
  checkVisits(of: model)
  let changes = resolve(overrides, in: model)
  return model.leaves.enumerated().map { index, leaf in
    let rule: (any LeafRule<Model.Scalar>)?
    switch (leaf.kind, changes[index]) {
    case (.buffer, _), (_, .frozen): rule = FixedLeaf(leafName: leaf.name, isBuffer: leaf.kind == .buffer)
    case (.parameter, let change):
      rule = changed(dense, by: change).map { makeRule($0, for: leaf, change) { $0.tensor } }
    case (.table, let change):
      rule = changed(sparse, by: change).map { makeRule($0, for: leaf, change) { $0.slices } }
    }
    let (kind, label) = leaf.kind == .table ? ("tables", "sparse") : ("parameters", "dense")
    guard let rule else { trap("ModelOptimizer: \(Model.self) has \(kind) without a rule: pass one as `\(label):`") }
    return rule
  }
}

/// The usual rule for a leaf, or the one that an override has in its place.
private func changed<Gradient>(
  _ usual: (any Optimizer<Gradient>)?, by change: RuleChange?
) -> (any Optimizer<Gradient>)? {
  if case .rule(let rule) = change { rule as? any Optimizer<Gradient> } else { usual }
}

private func makeRule<Rule: Optimizer>(
  _ rule: Rule, for leaf: ModelLeaf<Rule.Gradient.Scalar>, _ change: RuleChange?,
  unpack: @escaping @Sendable (LeafGradient<Rule.Gradient.Scalar>) -> Rule.Gradient?
) -> any LeafRule<Rule.Gradient.Scalar> {
  let factor = if case .learningRate(let factor) = change { factor } else { 1.0 }
  return RuleAndState(
    leafName: leaf.name, rule: rule, learningRateFactor: factor, unpack: unpack,
    state: rule.initialState(for: leaf.value.shape))
}

private struct RuleAndState<Rule: Optimizer>: LeafRule {
  typealias Scalar = Rule.Gradient.Scalar

  let leafName: String
  let rule: Rule
  let learningRateFactor: Double
  /// The gradient as the rule takes it; nil if it is of the other kind.
  let unpack: @Sendable (LeafGradient<Scalar>) -> Rule.Gradient?
  var state: Rule.State

  var description: String { learningRateFactor == 1 ? "\(rule)" : "\(learningRateFactor) × \(rule)" }
  var anyState: any OptimizerState { state }
  var rowChanges: RowChanges { rule.rowChanges }

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    guard let gradient = unpack(gradient) else { trap("ModelOptimizer: \(leafName) was of another kind") }
    rule.update(
      &value, with: gradient, state: &state, learningRateFactor: learningRateFactor * self.learningRateFactor)
  }

  mutating func settle(_ value: inout Tensor<Scalar>) { rule.settle(&value, state: &state) }
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) { state.visitFields(&visitor) }
}

/// A leaf that no gradient changes: a frozen one, or a buffer, which takes what a step assigned to it.
private struct FixedLeaf<Scalar: TensorScalar>: LeafRule {
  let leafName: String
  let isBuffer: Bool

  var description: String { isBuffer ? "buffer" : "frozen" }
  var anyState: any OptimizerState { EmptyState() }
  var rowChanges: RowChanges { .withGradient }

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    if isBuffer, case .assigned(let newValue) = gradient { value = newValue }
  }
  mutating func settle(_ value: inout Tensor<Scalar>) {}
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) {}
}

extension LeafGradient {
  fileprivate var tensor: Tensor<Scalar>? { if case .dense(let gradient) = self { gradient } else { nil } }
  fileprivate var slices: IndexedSlices<Scalar>? { if case .sparse(let gradient) = self { gradient } else { nil } }
}
