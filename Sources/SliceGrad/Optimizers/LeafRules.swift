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
    for model: Model, dense: (any Optimizer<Tensor<Scalar>>)?, sparse: (any Optimizer<IndexedSlices<Scalar>>)?,
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

  func state(ofLeaf number: Int) -> any OptimizerState {
    let place = places[number]
    return place.isTable ? tables[place.index].anyState : parameters[place.index].anyState
  }

  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) {
    for place in places {
      visitor.enter(place.name)
      if place.isTable {
        tables[place.index].visitState(&visitor)
      } else {
        parameters[place.index].visitState(&visitor)
      }
      visitor.leave()
    }
  }
}

// MARK: One leaf

/// A rule together with its state for one leaf, whatever rule it is.
protocol LeafRule<Gradient>: Sendable, CustomStringConvertible {
  associatedtype Gradient: ParameterGradient
  var anyState: any OptimizerState { get }
  var rowChanges: RowChanges { get }
  mutating func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, learningRateFactor: Double)
  mutating func settle(_ parameter: inout Tensor<Gradient.Scalar>)
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor)
}

private struct RuleAndState<Rule: Optimizer>: LeafRule {
  let rule: Rule
  let learningRateFactor: Double
  var state: Rule.State

  init(_ rule: Rule, learningRateFactor: Double, for shape: Shape) {
    self.rule = rule
    self.learningRateFactor = learningRateFactor
    state = rule.initialState(for: shape)
  }

  var description: String { learningRateFactor == 1 ? "\(rule)" : "\(learningRateFactor) × \(rule)" }
  var anyState: any OptimizerState { state }
  var rowChanges: RowChanges { rule.rowChanges }

  mutating func update(
    _ parameter: inout Tensor<Rule.Gradient.Scalar>, with gradient: Rule.Gradient, learningRateFactor: Double
  ) {
    rule.update(
      &parameter, with: gradient, state: &state, learningRateFactor: learningRateFactor * self.learningRateFactor)
  }

  mutating func settle(_ parameter: inout Tensor<Rule.Gradient.Scalar>) { rule.settle(&parameter, state: &state) }
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) { state.visitFields(&visitor) }
}

private struct FrozenLeaf<Gradient: ParameterGradient>: LeafRule {
  var description: String { "frozen" }
  var anyState: any OptimizerState { EmptyState() }
  var rowChanges: RowChanges { .withGradient }

  mutating func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, learningRateFactor: Double
  ) {}
  mutating func settle(_ parameter: inout Tensor<Gradient.Scalar>) {}
  mutating func visitState(_ visitor: inout some OptimizerStateVisitor) {}
}

/// The rule for a leaf: the usual one, as it is or changed; nil if there is none.
private func makeRule<Gradient: ParameterGradient>(
  _ usual: (any Optimizer<Gradient>)?, changedBy change: RuleChange?, for shape: Shape
) -> (any LeafRule<Gradient>)? {
  func make(_ rule: some Optimizer<Gradient>, _ factor: Double) -> any LeafRule<Gradient> {
    RuleAndState(rule, learningRateFactor: factor, for: shape)
  }
  switch change {
  case .frozen: return FrozenLeaf<Gradient>()
  case .learningRate(let factor): return usual.map { make($0, factor) }
  case .rule(let rule): return (rule as? any Optimizer<Gradient>).map { make($0, 1) }
  case nil: return usual.map { make($0, 1) }
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
