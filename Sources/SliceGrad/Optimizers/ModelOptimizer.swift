/// Updates a model: its dense parameters by one rule, its tables by another.
///
///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(learningRate: 1e-2))
///     optimizer.update(&model, with: gradients)
///
/// It is a value that owns the rules' state; parameters and state are changed in place.
public struct ModelOptimizer<Model: Module>: Sendable {
  public typealias Scalar = Model.Scalar

  private var leaves: LeafRules<Scalar>

  /// The number of updates so far.
  public private(set) var step = 0

  /// An optimizer with a rule for the parameters and one for the tables.
  ///
  /// Traps if the model has a field with parameters that `visitParameters` doesn't visit, or visits twice.
  public init(
    for model: Model, dense: some Optimizer<Tensor<Scalar>>, sparse: some Optimizer<IndexedSlices<Scalar>>
  ) {
    self.init(for: model, dense, sparse)
  }

  /// An optimizer for a model without tables. Traps if it has one.
  public init(for model: Model, dense: some Optimizer<Tensor<Scalar>>) {
    self.init(for: model, dense, SGD<IndexedSlices<Scalar>>(learningRate: 0))
    require(leaves.tables.isEmpty, "ModelOptimizer: \(Model.self) has tables without a rule: pass one as `sparse:`")
  }

  /// An optimizer for a model that has only tables. Traps if it has another parameter.
  public init(for model: Model, sparse: some Optimizer<IndexedSlices<Scalar>>) {
    self.init(for: model, SGD<Tensor<Scalar>>(learningRate: 0), sparse)
    require(
      leaves.parameters.isEmpty, "ModelOptimizer: \(Model.self) has parameters without a rule: pass one as `dense:`")
  }

  private init(
    for model: Model, _ dense: some Optimizer<Tensor<Scalar>>, _ sparse: some Optimizer<IndexedSlices<Scalar>>
  ) {
    checkVisits(of: model)
    var copy = model
    var collector = StateCollector(dense: dense, sparse: sparse)
    copy.visitParameters(&collector)
    leaves = collector.leaves
  }

  /// Changes the model by one step along its gradients. A leaf without a gradient stays, and its step isn't counted.
  ///
  /// - Parameter learningRateFactor: multiplies every rule's learning rate in this step.
  public mutating func update(
    _ model: inout Model, with gradients: Gradients<Model>, learningRateFactor: Double = 1
  ) {
    require(
      gradients.leaves.count == leaves.count,
      "ModelOptimizer: gradients of \(gradients.leaves.count) leaves for \(leaves.count) leaves")
    step += 1
    var updater = Updater<Scalar>(gradients: gradients.leaves, learningRateFactor: learningRateFactor)
    updater.exchangeRules(&leaves)
    model.visitParameters(&updater)
    updater.checkAllVisited()
    updater.exchangeRules(&leaves)
  }
}

extension ModelOptimizer {
  /// Does what rules have put off for rows without a gradient (see `SparseAdam.WeightDecay`). Call it before you evaluate
  /// or save the model; training goes on from there as if it hadn't been called. Other rules leave the model as it is.
  public mutating func settle(_ model: inout Model) {
    var settler = Settler<Scalar>(rules: leaves)
    leaves = LeafRules()
    model.visitParameters(&settler)
    leaves = settler.rules
  }
}

// What a compiler should say instead of naming a constraint that isn't met.
extension ModelOptimizer {
  @available(
    *, unavailable, message: "SparseAdam is for embedding tables; for `dense:` take Adam, SGD or another dense rule"
  )
  public init(for model: Model, dense: SparseAdam<Scalar>, sparse: some Optimizer<IndexedSlices<Scalar>>) {
    fatalError()
  }

  @available(
    *, unavailable, message: "SparseAdam is for embedding tables; for `dense:` take Adam, SGD or another dense rule"
  )
  public init(for model: Model, dense: SparseAdam<Scalar>) { fatalError() }

  @available(
    *, unavailable, message: "Adam is for dense parameters; for `sparse:` take SparseAdam, SGD or Densifying(Adam())"
  )
  public init(for model: Model, dense: some Optimizer<Tensor<Scalar>>, sparse: Adam<Scalar>) { fatalError() }

  @available(
    *, unavailable, message: "Adam is for dense parameters; for `sparse:` take SparseAdam, SGD or Densifying(Adam())"
  )
  public init(for model: Model, sparse: Adam<Scalar>) { fatalError() }

  @available(*, unavailable, message: "exchange the rules: Adam is for `dense:`, SparseAdam for `sparse:`, the tables")
  public init(for model: Model, dense: SparseAdam<Scalar>, sparse: Adam<Scalar>) { fatalError() }
}

// MARK: A rule and its state for one leaf

/// A rule together with its state for one leaf, whatever rule it is.
private protocol LeafUpdate<Gradient>: Sendable {
  associatedtype Gradient: ParameterGradient
  mutating func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, learningRateFactor: Double)
  mutating func settle(_ parameter: inout Tensor<Gradient.Scalar>)
}

private struct RuleAndState<Rule: Optimizer>: LeafUpdate {
  let rule: Rule
  var state: Rule.State

  mutating func update(
    _ parameter: inout Tensor<Rule.Gradient.Scalar>, with gradient: Rule.Gradient, learningRateFactor: Double
  ) {
    rule.update(&parameter, with: gradient, state: &state, learningRateFactor: learningRateFactor)
  }

  mutating func settle(_ parameter: inout Tensor<Rule.Gradient.Scalar>) { rule.settle(&parameter, state: &state) }
}

/// The rules and their state for a model's leaves, in the order of the visit.
private struct LeafRules<Scalar: TensorScalar>: Sendable {
  var parameters: [any LeafUpdate<Tensor<Scalar>>] = []
  var tables: [any LeafUpdate<IndexedSlices<Scalar>>] = []

  var count: Int {
    @specialized(where Scalar == Float) get { parameters.count + tables.count }
  }
}

/// Makes the initial state of each leaf.
private struct StateCollector<Dense: Optimizer, Sparse: Optimizer, Scalar: TensorScalar>: ParameterVisitor
where Dense.Gradient == Tensor<Scalar>, Sparse.Gradient == IndexedSlices<Scalar> {
  let dense: Dense
  let sparse: Sparse
  var leaves = LeafRules<Scalar>()

  init(dense: Dense, sparse: Sparse) {
    self.dense = dense
    self.sparse = sparse
  }

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) {
    leaves.parameters.append(RuleAndState(rule: dense, state: dense.initialState(for: parameter.value.shape)))
  }

  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) {
    leaves.tables.append(RuleAndState(rule: sparse, state: sparse.initialState(for: table.value.shape)))
  }
}

/// Updates leaf after leaf.
private struct Updater<Scalar: TensorScalar>: ParameterVisitor {
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
private struct Settler<Scalar: TensorScalar>: ParameterVisitor {
  var rules: LeafRules<Scalar>
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
}

private var changedModel: String {
  "ModelOptimizer: the model has other parameters than when the optimizer was made for it"
}
