/// Updates a model: its dense parameters by one rule, its tables by another.
///
///     var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(learningRate: 1e-2))
///     optimizer.update(&model, with: gradients)
///     print(optimizer.step, optimizer.ruleDescriptions[2])
///     // 1 Adam(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: .none, amsgrad: false)
///
/// It is a value that owns the state of the rules. Parameters and state are changed in place.
public struct ModelOptimizer<Model: Module>: Sendable {
  public typealias Scalar = Model.Scalar

  var leaves: LeafRules<Scalar>

  /// The number of updates so far.
  public private(set) var step = 0

  /// An optimizer with a rule for the parameters and one for the tables.
  ///
  /// Traps if the model has a field with parameters that `visitParameters` doesn't visit or visits twice, if an
  /// override matches nothing, and if two overrides match the same leaf.
  @inlinable
  public init(
    for model: Model, dense: some Optimizer<Tensor<Scalar>>, sparse: some Optimizer<IndexedSlices<Scalar>>,
    overrides: [ParameterOverride<Model>] = []
  ) {
    self.init(model, NamedRule(dense: dense), NamedRule(sparse: sparse), overrides)
  }

  /// An optimizer for a model without tables, or whose tables have rules of their own in `overrides`. Traps if a table
  /// has no rule.
  @inlinable
  public init(
    for model: Model, dense: some Optimizer<Tensor<Scalar>>, overrides: [ParameterOverride<Model>] = []
  ) {
    self.init(model, NamedRule(dense: dense), nil, overrides)
  }

  /// An optimizer for a model that has only tables, or whose other parameters have rules of their own in `overrides`.
  /// Traps if a parameter has no rule.
  @inlinable
  public init(
    for model: Model, sparse: some Optimizer<IndexedSlices<Scalar>>, overrides: [ParameterOverride<Model>] = []
  ) {
    self.init(model, nil, NamedRule(sparse: sparse), overrides)
  }

  @usableFromInline
  init(
    _ model: Model, _ dense: NamedRule<Scalar>?, _ sparse: NamedRule<Scalar>?, _ overrides: [ParameterOverride<Model>]
  ) {
    leaves = LeafRules(for: model, dense: dense, sparse: sparse, overrides: overrides)
  }

  /// Changes the model by one step along its gradients. A leaf without a gradient stays as it is, and this doesn't
  /// count as one of its updates.
  ///
  /// - Parameters:
  ///   - model: the model that the optimizer was made for, changed in place.
  ///   - gradients: of that model, from `valueWithGradients`.
  ///   - learningRateFactor: multiplies every rule's learning rate in this step.
  /// - Complexity: O(n) for n numbers in parameters, and in the rows of tables that have a gradient; with `Densifying`,
  ///   in all rows.
  public mutating func update(
    _ model: inout Model, with gradients: Gradients<Model>, learningRateFactor: Double = 1
  ) {
    require(learningRateFactor >= 0, "ModelOptimizer: learningRateFactor \(learningRateFactor), expected 0 or more")
    step += 1
    leaves.update(with: gradients.leaves, learningRateFactor: learningRateFactor) { model.visitParameters(&$0) }
  }
}

// MARK: Going on with a model that has changed

extension ModelOptimizer {
  /// Goes on where another optimizer stopped, after the model has changed: a part that was frozen or nil is trained,
  /// a table has got more rows, a layer has other outputs. This optimizer is new, made for the model as it is now.
  ///
  ///     optimizer.update(&model, with: gradients)
  ///     model.embedding.weight.appendRows(Tensor(normal: [6, 64], standardDeviation: 0.1, using: &generator))
  ///     var next = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
  ///     print(next.takeWhatFits(from: optimizer, growingTables: true))
  ///     // taken “output.weight”
  ///     // taken “output.bias”
  ///     // grown “embedding.weight”: found shape [1004, 64], expected [1010, 64]
  ///     optimizer = next
  ///     print(optimizer.step)  // 1
  ///
  /// It takes the number of updates, and the state of each leaf that has the same name, shape and rule there. All other
  /// leaves begin as in a new optimizer: their state counts their own updates, so that Adam's corrections are those of
  /// first steps. Frozen leaves have no state. This optimizer's hyperparameters apply, and may differ from the other
  /// one's if the state has the same fields.
  ///
  /// With `growingTables`, tables keep the state of their rows if they have got more at their end. The new rows are as
  /// rows that were always there, and never had a gradient. So with `RowWeightDecay.caughtUp` they owe what the others
  /// owe: call `settle` before the table grows. What rows owe is computed with this optimizer's hyperparameters, at the
  /// learning rates of the time: call `settle` before you change them.
  ///
  /// Traps if this optimizer has made updates.
  ///
  /// - Returns: which leaves' states were taken, and which were left.
  /// - Complexity: O(n) for n rows of tables that grow, and numbers in the states of those with `Densifying`. The
  ///   numbers of other states are shared by both optimizers until one of them goes on.
  public mutating func takeWhatFits<Other: Module<Scalar>>(
    from other: ModelOptimizer<Other>, growingTables: Bool = false
  ) -> FitReport {
    require(step == 0, "ModelOptimizer.takeWhatFits: this optimizer has made \(step) updates, expected a new one")
    step = other.step
    return leaves.takeWhatFits(from: other.leaves, growingTables: growingTables)
  }

  /// The same rules at their start, for leaves of other shapes. Leaves to which no shape is given have no rule.
  package func atStart(_ shape: (_ name: String, _ shape: Shape) -> Shape?) -> ModelOptimizer {
    var optimizer = self
    (optimizer.step, optimizer.leaves) = (0, leaves.atStart(shape))
    return optimizer
  }
}

// MARK: Looking at the state, saving and restoring it

extension ModelOptimizer {
  /// The number of bytes that the state of the rules takes, including what is reserved for rows to come.
  public var stateByteCount: Int { byteCount }

  /// The state of the rule for one leaf; nil if the rule's state is of another type.
  ///
  ///     optimizer.update(&model, with: gradients)
  ///     let state = optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Float>.State.self)!
  ///     print(state.moments.rows.count, "rows have moments")  // 12 rows have moments
  ///     print("updates of row 7:", state.moments.touches(ofRow: 7))  // updates of row 7: 1
  ///
  /// Traps unless the key path leads to one parameter or table.
  public func state<State: Restorable>(
    of path: KeyPath<Model, some Any>, in model: Model, as type: State.Type
  ) -> State? {
    let index = model.leafIndex(at: path)
    require(
      index < leaves.leaves.count, "ModelOptimizer: leaf \(index) of a model, but rules for \(leaves.leaves.count)")
    return leaves.leaves[index].anyState as? State
  }

  /// The rule of each leaf with its hyperparameters, in the order of `Model.parameterNames`.
  public var ruleDescriptions: [String] { leaves.leaves.map(\.description) }

  /// Which rows each leaf's rule changes, in the order of `Model.parameterNames`.
  var rowChanges: [RowChanges] { leaves.leaves.map { $0.ruleAndFactor?.rule.rowChanges ?? .withGradient } }

  /// Each leaf's rule and the factor of its learning rate, in the order of `Model.parameterNames`; nil for frozen
  /// leaves and buffers.
  package var rules: [(rule: any Optimizer, learningRateFactor: Double)?] { leaves.leaves.map(\.ruleAndFactor) }
}

extension ModelOptimizer: Restorable {
  public mutating func visitFields(_ visit: inout FieldVisitor) {
    visit(&step, "step")
    leaves.visitFields(&visit)
  }

  public var inconsistency: String? {
    leaves.leaves.lazy.compactMap { leaf in leaf.inconsistency.map { "\(leaf.name) with \($0)" } }.first
  }
}

// For what the compiler says where a rule is in the wrong place. Otherwise it would name a constraint that isn't met.
extension ModelOptimizer {
  @available(
    *, unavailable, message: "SparseAdam is for embedding tables; for `dense:` take Adam, SGD or another dense rule"
  )
  public init(
    for model: Model, dense: SparseAdam<Scalar>, sparse: some Optimizer<IndexedSlices<Scalar>>,
    overrides: [ParameterOverride<Model>] = []
  ) {
    fatalError()
  }

  @available(
    *, unavailable, message: "SparseAdam is for embedding tables; for `dense:` take Adam, SGD or another dense rule"
  )
  public init(for model: Model, dense: SparseAdam<Scalar>, overrides: [ParameterOverride<Model>] = []) { fatalError() }

  @available(
    *, unavailable, message: "Adam is for dense parameters; for `sparse:` take SparseAdam, SGD or Densifying(Adam())"
  )
  public init(
    for model: Model, dense: some Optimizer<Tensor<Scalar>>, sparse: Adam<Scalar>,
    overrides: [ParameterOverride<Model>] = []
  ) { fatalError() }

  @available(
    *, unavailable, message: "Adam is for dense parameters; for `sparse:` take SparseAdam, SGD or Densifying(Adam())"
  )
  public init(for model: Model, sparse: Adam<Scalar>, overrides: [ParameterOverride<Model>] = []) { fatalError() }

  @available(*, unavailable, message: "exchange the rules: Adam is for `dense:`, SparseAdam for `sparse:`, the tables")
  public init(
    for model: Model, dense: SparseAdam<Scalar>, sparse: Adam<Scalar>, overrides: [ParameterOverride<Model>] = []
  ) { fatalError() }
}
