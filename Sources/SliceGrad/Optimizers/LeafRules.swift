/// The rules of a model's leaves with their state, in the order of the visit.
struct LeafRules<Scalar: TensorScalar>: Sendable {
  private(set) var rules: [any LeafRule<Scalar>]

  /// Traps if a leaf has no rule, if the model's visit forgets a leaf, and on overrides that don't fit it.
  init<Model: Module<Scalar>>(
    for model: Model, dense: (any Optimizer<Tensor<Scalar>>)?, sparse: (any Optimizer<IndexedSlices<Scalar>>)?,
    overrides: [ParameterOverride<Model>]
  ) {
    checkVisits(of: model)
    let changes = resolve(overrides, in: model)
    rules = model.leaves.enumerated().map { index, leaf in
      let factor = if case .learningRate(let factor) = changes[index] { factor } else { 1.0 }
      func parameterLeaf(_ rule: some Optimizer<Tensor<Scalar>>) -> any LeafRule<Scalar> {
        let state = rule.initialState(for: leaf.value.shape)
        return ParameterLeaf(leafName: leaf.name, rule: rule, learningRateFactor: factor, state: state)
      }
      func tableLeaf(_ rule: some Optimizer<IndexedSlices<Scalar>>) -> any LeafRule<Scalar> {
        let state = rule.initialState(for: leaf.value.shape)
        return TableLeaf(leafName: leaf.name, rule: rule, learningRateFactor: factor, state: state)
      }
      let rule: (any LeafRule<Scalar>)?
      switch (leaf.kind, changes[index]) {
      case (.buffer, _), (_, .frozen): rule = FixedLeaf(leafName: leaf.name, isBuffer: leaf.kind == .buffer)
      case (.parameter, let change): rule = changed(dense, by: change).map { parameterLeaf($0) }
      case (.table, let change): rule = changed(sparse, by: change).map { tableLeaf($0) }
      }
      let (kind, label) = leaf.kind == .table ? ("tables", "sparse") : ("parameters", "dense")
      guard let rule else { trap("ModelOptimizer: \(Model.self) has \(kind) without a rule: pass one as `\(label):`") }
      return rule
    }
  }

  /// Changes each leaf that the visit shows by its gradient.
  @specialized(where Scalar == Float)
  mutating func update(
    with gradients: [LeafGradient<Scalar>?], learningRateFactor: Double,
    visit: (inout ParameterVisitor<Scalar>) -> Void
  ) {
    require(
      gradients.count == rules.count, "ModelOptimizer: gradients of \(gradients.count) leaves for \(rules.count) leaves"
    )
    forEach(visit) { index, value, rule in
      guard let gradient = gradients[index] else { return }
      rule.update(&value, with: gradient, learningRateFactor: learningRateFactor)
    }
  }

  /// Does what rules have put off for each leaf that the visit shows.
  mutating func settle(visit: (inout ParameterVisitor<Scalar>) -> Void) {
    forEach(visit) { _, value, rule in rule.settle(&value) }
  }

  /// Calls the body with each leaf and its rule, both to be changed in place. Traps if the model has lost or gained
  /// leaves.
  @inline(__always)
  private mutating func forEach(
    _ visit: (inout ParameterVisitor<Scalar>) -> Void,
    _ body: (_ index: Int, _ value: inout Tensor<Scalar>, _ rule: inout any LeafRule<Scalar>) -> Void
  ) {
    let changed = "ModelOptimizer: the model has other parameters than when the optimizer was made for it"
    var index = 0
    ParameterVisitor.forEachLeaf(named: false, visit) { value, _, _, _ in
      require(index < rules.count, changed)
      body(index, &value, &rules[index])
      index += 1
    }
    require(index == rules.count, changed)
  }

  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) {
    for i in rules.indices {
      visitor.enter(rules[i].leafName)
      rules[i].visitState(&visitor)
      visitor.leave()
    }
  }
}

// MARK: One leaf

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

/// The usual rule for a leaf, or the one that an override has in its place.
private func changed<Gradient>(
  _ usual: (any Optimizer<Gradient>)?, by change: RuleChange?
) -> (any Optimizer<Gradient>)? {
  if case .rule(let rule) = change { rule as? any Optimizer<Gradient> } else { usual }
}

/// The rule of a leaf that is trained, with its state.
private protocol TrainedLeaf: LeafRule where Rule.Gradient.Scalar == Scalar {
  associatedtype Rule: Optimizer
  var rule: Rule { get }
  var learningRateFactor: Double { get }
  var state: Rule.State { get set }
}

extension TrainedLeaf {
  var description: String { learningRateFactor == 1 ? "\(rule)" : "\(learningRateFactor) × \(rule)" }
  var anyState: any OptimizerState { state }
  var rowChanges: RowChanges { rule.rowChanges }

  mutating func settle(_ value: inout Tensor<Scalar>) { rule.settle(&value, state: &state) }
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) { state.visitFields(&visitor) }
}

// A struct for each kind of gradient, because code for both would look up the gradient's type in every step.

private struct ParameterLeaf<Rule: Optimizer, Scalar>: TrainedLeaf where Rule.Gradient == Tensor<Scalar> {
  let leafName: String
  let rule: Rule
  let learningRateFactor: Double
  var state: Rule.State

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    guard case .dense(let gradient) = gradient else { trap("ModelOptimizer: \(leafName) was a table") }
    rule.update(
      &value, with: gradient, state: &state, learningRateFactor: learningRateFactor * self.learningRateFactor)
  }
}

private struct TableLeaf<Rule: Optimizer, Scalar>: TrainedLeaf where Rule.Gradient == IndexedSlices<Scalar> {
  let leafName: String
  let rule: Rule
  let learningRateFactor: Double
  var state: Rule.State

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    guard case .sparse(let gradient) = gradient else { trap("ModelOptimizer: \(leafName) was a parameter") }
    rule.update(
      &value, with: gradient, state: &state, learningRateFactor: learningRateFactor * self.learningRateFactor)
  }
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
