/// The rules of a model's leaves with their state, in the order of the visit.
struct LeafRules<Scalar: TensorScalar>: Sendable {
  var parameters: [any LeafRule<Tensor<Scalar>>] = []
  var tables: [any LeafRule<IndexedSlices<Scalar>>] = []

  /// Each leaf's name, and its place in `parameters` or `tables`.
  private var places: [(name: String, isTable: Bool, index: Int)] = []

  var count: Int {
    @specialized(where Scalar == Float) get { parameters.count + tables.count }
  }

  /// No rules: what stays when they are moved away.
  init() {}

  /// Traps if a leaf has no rule, if the model's visit forgets a leaf, and on overrides that don't fit it.
  init<Model: Module<Scalar>>(
    for model: Model, dense: NamedRule<Tensor<Scalar>>?, sparse: NamedRule<IndexedSlices<Scalar>>?,
    overrides: [ParameterOverride<Model>]
  ) {
    checkVisits(of: model)
    let changes = resolve(overrides, in: model)
    for (number, leaf) in model.describedLeaves.enumerated() {
      let (change, shape) = (changes[number], leaf.value.shape)
      if leaf.isTable {
        guard let rule = makeRule(sparse, changedBy: change, for: shape) else {
          trap("ModelOptimizer: \(Model.self) has tables without a rule: pass one as `sparse:`")
        }
        places.append((leaf.name, true, tables.count))
        tables.append(rule)
      } else {
        guard let rule = makeRule(dense, changedBy: change, for: shape) else {
          trap("ModelOptimizer: \(Model.self) has parameters without a rule: pass one as `dense:`")
        }
        places.append((leaf.name, false, parameters.count))
        parameters.append(rule)
      }
    }
  }

  var descriptions: [String] {
    places.map { $0.isTable ? tables[$0.index].description : parameters[$0.index].description }
  }

  var rowChanges: [RowChanges] {
    places.map { $0.isTable ? tables[$0.index].rowChanges : parameters[$0.index].rowChanges }
  }

  func state(ofLeaf number: Int) -> any Restorable {
    let place = places[number]
    return place.isTable ? tables[place.index].anyState : parameters[place.index].anyState
  }

  /// Each leaf's rule, with what multiplies its learning rate; nil if the leaf is frozen.
  var rules: [(rule: any Optimizer, learningRateFactor: Double)?] {
    places.map { $0.isTable ? tables[$0.index].ruleAndFactor : parameters[$0.index].ruleAndFactor }
  }

  mutating func visitFields(_ visit: inout FieldVisitor) {
    for place in places {
      if place.isTable {
        visit(&tables[place.index], place.name)
      } else {
        visit(&parameters[place.index], place.name)
      }
    }
  }
}

// MARK: One leaf

/// A rule together with its state for one leaf, whatever rule it is.
@usableFromInline
protocol LeafRule<Gradient>: Restorable, CustomStringConvertible {
  associatedtype Gradient: ParameterGradient
  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { get }
  var anyState: any Restorable { get }
  var rowChanges: RowChanges { get }
  mutating func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, learningRateFactor: Double)
  mutating func settle(_ parameter: inout Tensor<Gradient.Scalar>)
}

private struct RuleAndState<Rule: Optimizer>: LeafRule {
  let rule: Rule
  let compiledUpdate: RuleUpdate<Rule>
  let learningRateFactor: Double
  var state: Rule.State

  init(_ rule: Rule, _ update: @escaping RuleUpdate<Rule>, learningRateFactor: Double, for shape: Shape) {
    self.rule = rule
    compiledUpdate = update
    self.learningRateFactor = learningRateFactor
    rule.checkHyperparameters()
    state = rule.initialState(for: shape)
  }

  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { (rule, learningRateFactor) }

  var description: String { learningRateFactor == 1 ? "\(rule)" : "\(learningRateFactor) × \(rule)" }
  var anyState: any Restorable { state }
  var rowChanges: RowChanges { rule.rowChanges }

  mutating func update(
    _ parameter: inout Tensor<Rule.Gradient.Scalar>, with gradient: Rule.Gradient, learningRateFactor: Double
  ) {
    compiledUpdate(rule, &parameter, gradient, &state, learningRateFactor * self.learningRateFactor)
  }

  mutating func settle(_ parameter: inout Tensor<Rule.Gradient.Scalar>) { rule.settle(&parameter, state: &state) }
  mutating func visitFields(_ visit: inout FieldVisitor) { state.visitFields(&visit) }
}

private struct FrozenLeaf<Gradient: ParameterGradient>: LeafRule {
  var description: String { "frozen" }
  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { nil }
  var anyState: any Restorable { EmptyState() }
  var rowChanges: RowChanges { .withGradient }

  mutating func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, learningRateFactor: Double
  ) {}
  mutating func settle(_ parameter: inout Tensor<Gradient.Scalar>) {}
  mutating func visitFields(_ visit: inout FieldVisitor) {}
}

/// Calls a rule's `update`.
@usableFromInline
typealias RuleUpdate<Rule: Optimizer> =
  @Sendable (
    Rule, inout Tensor<Rule.Gradient.Scalar>, Rule.Gradient, inout Rule.State, _ learningRateFactor: Double
  ) -> Void

/// A rule as the place that names it has it. Its initializer is inlined there, and with it a call of `update` that is
/// compiled for the rule's own types: in a generic rule of a user's own, numbers are Float, not whatever a `Scalar` is.
@usableFromInline
struct NamedRule<Gradient: ParameterGradient>: Sendable {
  /// A state for a leaf of this shape, and the rule.
  let make: @Sendable (_ learningRateFactor: Double, _ shape: Shape) -> any LeafRule<Gradient>

  @inlinable
  init<Rule: Optimizer<Gradient>>(_ rule: Rule) {
    self.init(rule) { $0.update(&$1, with: $2, state: &$3, learningRateFactor: $4) }
  }

  @usableFromInline
  init<Rule: Optimizer<Gradient>>(_ rule: Rule, _ update: @escaping RuleUpdate<Rule>) {
    make = { RuleAndState(rule, update, learningRateFactor: $0, for: $1) }
  }
}

/// The rule for a leaf: the usual one, as it is or changed; nil if there is none.
private func makeRule<Gradient: ParameterGradient>(
  _ usual: NamedRule<Gradient>?, changedBy change: RuleChange?, for shape: Shape
) -> (any LeafRule<Gradient>)? {
  switch change {
  case .frozen: FrozenLeaf<Gradient>()
  case .learningRate(let factor): usual?.make(factor, shape)
  case .rule(let rule): (rule as? NamedRule<Gradient>)?.make(1, shape)
  case nil: usual?.make(1, shape)
  }
}

// MARK: Visits of all leaves

/// Updates leaf after leaf.
struct LeafUpdater<Scalar: TensorScalar>: ParameterVisitor {
  private let gradients: [LeafGradient<Scalar>?]
  private let learningRateFactor: Double
  private var rules = LeafRules<Scalar>()
  private var visitedParameters = 0
  private var visitedTables = 0

  @specialized(where Scalar == Float)
  init(gradients: [LeafGradient<Scalar>?], learningRateFactor: Double) {
    self.gradients = gradients
    self.learningRateFactor = learningRateFactor
  }

  /// Moves the rules in or, later, out again: a second reference to their state would make a write copy it.
  @specialized(where Scalar == Float)
  mutating func exchangeRules(_ others: inout LeafRules<Scalar>) { swap(&rules, &others) }

  @specialized(where Scalar == Float)
  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    require(visitedParameters < rules.parameters.count, changedModel)
    if case .dense(let gradient) = gradients[visitedParameters + visitedTables] {
      rules.parameters[visitedParameters].update(
        &parameter.value, with: gradient, learningRateFactor: learningRateFactor)
    }
    visitedParameters += 1
  }

  @specialized(where Scalar == Float)
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    require(visitedTables < rules.tables.count, changedModel)
    if case .sparse(let gradient) = gradients[visitedParameters + visitedTables] {
      rules.tables[visitedTables].update(&table.value, with: gradient, learningRateFactor: learningRateFactor)
    }
    visitedTables += 1
  }

  /// Traps if the model has lost a leaf.
  @specialized(where Scalar == Float)
  func checkAllVisited() {
    require(visitedParameters == rules.parameters.count && visitedTables == rules.tables.count, changedModel)
  }
}

/// Settles leaf after leaf.
struct LeafSettler<Scalar: TensorScalar>: ParameterVisitor {
  private(set) var rules: LeafRules<Scalar>
  private var visitedParameters = 0
  private var visitedTables = 0

  init(rules: LeafRules<Scalar>) { self.rules = rules }

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    require(visitedParameters < rules.parameters.count, changedModel)
    rules.parameters[visitedParameters].settle(&parameter.value)
    visitedParameters += 1
  }

  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    require(visitedTables < rules.tables.count, changedModel)
    rules.tables[visitedTables].settle(&table.value)
    visitedTables += 1
  }

  /// Traps if the model has lost a leaf.
  func checkAllVisited() {
    require(visitedParameters == rules.parameters.count && visitedTables == rules.tables.count, changedModel)
  }
}

private var changedModel: String {
  "ModelOptimizer: the model has other parameters than when the optimizer was made for it"
}
