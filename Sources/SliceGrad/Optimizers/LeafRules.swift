/// The rules of a model's leaves, with their states, in the order of the visit.
struct LeafRules<Scalar: TensorScalar>: Sendable {
  private(set) var leaves: [any LeafRule<Scalar>]

  /// Traps if a leaf has no rule, if the model's visit forgets a leaf, and on overrides that don't fit it.
  init<Model: Module<Scalar>>(
    for model: Model, dense: NamedRule<Scalar>?, sparse: NamedRule<Scalar>?, overrides: [ParameterOverride<Model>]
  ) {
    checkVisits(of: model)
    let changes = resolve(overrides, in: model)
    leaves = model.leaves.enumerated().map { index, leaf in
      let (kind, label) = leaf.kind == .table ? ("tables", "sparse") : ("parameters", "dense")
      var (rule, factor) = (leaf.kind == .table ? sparse : dense, 1.0)
      switch changes[index] {
      case .frozen: return FixedLeaf(name: leaf.name, isBuffer: false)
      case .learningRate(let other): factor = other
      case .rule(let other): rule = other
      case nil where leaf.kind == .buffer: return FixedLeaf(name: leaf.name, isBuffer: true)
      case nil: break
      }
      guard let rule else { trap("ModelOptimizer: \(Model.self) has \(kind) without a rule: pass one as `\(label):`") }
      return rule.make(leaf.name, leaf.value.shape, factor)
    }
  }

  /// Updates each visited leaf with its gradient.
  @specialized(where Scalar == Float)
  mutating func update(
    with gradients: [LeafGradient<Scalar>?], learningRateFactor: Double,
    visit: (inout ParameterVisitor<Scalar>) -> Void
  ) {
    let (found, expected) = (gradients.count, leaves.count)
    require(found == expected, "ModelOptimizer: gradients of \(found) leaves for \(expected) leaves")
    forEach(visit) { index, value, rule in
      guard let gradient = gradients[index] else { return }
      rule.update(&value, with: gradient, learningRateFactor: learningRateFactor)
    }
  }

  /// Does what rules have put off: for all rows of each visited leaf, or for some rows of one leaf.
  mutating func catchUp(
    _ chosen: (index: Int, rows: [Int32])? = nil, visit: (inout ParameterVisitor<Scalar>) -> Void
  ) {
    forEach(visit) { index, value, rule in
      if chosen == nil || chosen!.index == index { rule.catchUp(&value, rows: chosen?.rows) }
    }
  }

  /// Calls the body with each leaf and its rule, to change both in place. Traps if the model has lost or gained leaves.
  @inline(__always)
  private mutating func forEach(
    _ visit: (inout ParameterVisitor<Scalar>) -> Void,
    _ body: (_ index: Int, _ value: inout Tensor<Scalar>, _ rule: inout any LeafRule<Scalar>) -> Void
  ) {
    let changed =
      "ModelOptimizer: the model has other parameters than when the optimizer was made for it; \(changedModelHint)"
    var index = 0
    ParameterVisitor.forEachLeaf(named: false, visit) { value, _, _, _ in
      require(index < leaves.count, changed)
      let shape = value.shape
      body(index, &value, &leaves[index])
      require(
        value.shape == shape, "ModelOptimizer: \(leaves[index].name) of shape \(shape), updated to \(value.shape)")
      index += 1
    }
    require(index == leaves.count, changed)
  }

  /// Takes the states of other rules for leaves of the same name, where rule and shape fit.
  mutating func takeWhatFits(from other: LeafRules, growingTables: Bool) -> FitReport {
    let (here, there) = (trained, other.trained)
    return FitReport(of: here.map(\.leaf), with: there.map(\.leaf), growingTables: growingTables) {
      leaves[here[$0].index].takeState(of: other.leaves[there[$1].index])
    }
  }

  /// The leaves that are trained, each with its index.
  private var trained: [(index: Int, leaf: FitReport.NamedShape)] {
    leaves.enumerated().compactMap { index, leaf in leaf.namedShape.map { (index, $0) } }
  }

  /// The rules at their start, for leaves of other shapes. Those to which no shape is given are left out.
  func atStart(_ shape: (_ name: String, _ shape: Shape) -> Shape?) -> LeafRules {
    var rules = self
    rules.leaves = leaves.compactMap { leaf in
      guard let named = leaf.namedShape else { return leaf }
      return shape(named.name, Shape(named.shape)).map(leaf.atStart)
    }
    return rules
  }

  mutating func visitFields(_ visit: inout FieldVisitor) {
    for i in leaves.indices { visit(&leaves[i], leaves[i].name) }
  }
}

/// What to do when a model has changed.
let changedModelHint = "make one for the model as it is, and let it takeWhatFits from this one"

/// A rule of any type, together with its state for one leaf.
protocol LeafRule<Scalar>: Restorable, CustomStringConvertible {
  associatedtype Scalar: TensorScalar
  var name: String { get }
  /// The leaf, as reports compare it; nil if no gradient changes it, so that there is no state.
  var namedShape: FitReport.NamedShape? { get }
  /// The rule and the factor of its learning rate; nil for a leaf that no gradient changes.
  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { get }
  var anyState: any Restorable { get }
  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double)
  mutating func catchUp(_ value: inout Tensor<Scalar>, rows: [Int32]?)
  /// The same rule at its start, for a leaf of this shape.
  func atStart(for shape: Shape) -> Self
  /// At its start, takes the state of another leaf, which has as many rows or fewer; or says why it can't.
  mutating func takeState(of other: any LeafRule<Scalar>) -> (found: String, expected: String)?
}

/// A leaf that no gradient changes: a frozen one, or a buffer, which takes what a step assigned to it.
private struct FixedLeaf<Scalar: TensorScalar>: LeafRule {
  let name: String
  let isBuffer: Bool

  var description: String { isBuffer ? "buffer" : "frozen" }
  var namedShape: FitReport.NamedShape? { nil }
  var ruleAndFactor: (rule: any Optimizer, learningRateFactor: Double)? { nil }
  var anyState: any Restorable { EmptyState() }

  mutating func update(_ value: inout Tensor<Scalar>, with gradient: LeafGradient<Scalar>, learningRateFactor: Double) {
    if isBuffer, case .assigned(let newValue) = gradient { value = newValue }
  }
  mutating func catchUp(_ value: inout Tensor<Scalar>, rows: [Int32]?) {}
  func atStart(for shape: Shape) -> FixedLeaf { self }
  mutating func takeState(of other: any LeafRule<Scalar>) -> (found: String, expected: String)? { nil }
  mutating func visitFields(_ visit: inout FieldVisitor) {}
}
