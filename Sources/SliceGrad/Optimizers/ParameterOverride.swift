/// Another rule, another learning rate or none for some of a model's parameters.
///
///     let optimizer = ModelOptimizer(
///       for: model, dense: AdamW(), sparse: SparseAdam(),
///       overrides: [
///         .frozen(\.embedding), .learningRate(times: 0.1, for: \.output.weight),
///         .rule(dense: Lion(), for: \.output.bias),
///       ])
///     for rule in optimizer.ruleDescriptions { print(rule) }
///     // frozen
///     // 0.1 × AdamW(learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-08, weightDecay: 0.01, amsgrad: false)
///     // Lion(learningRate: 0.0001, beta1: 0.9, beta2: 0.99, weightDecay: 0.0)
///
/// A key path leads to a parameter, to a table, or to a part of the model, which stands for all parameters and tables
/// in it.
public struct ParameterOverride<Model: Module> {
  /// How it was made: ".frozen(\\Classifier.embedding)".
  let description: String
  let change: RuleChange<Model.Scalar>
  let path: PartialKeyPath<Model>
  /// The kinds of leaves at the path to which it applies.
  var kinds: Set<LeafKind> = [.parameter, .table]
}

extension ParameterOverride {
  /// Another rule for the tables at a path, or for the parameters.
  @usableFromInline
  init(_ description: String, _ rule: NamedRule<Model.Scalar>, isForTables: Bool, at path: PartialKeyPath<Model>) {
    self.init(description: description, change: .rule(rule), path: path, kinds: [isForTables ? .table : .parameter])
  }

  /// The parameters and tables stay as they are. Their gradients are computed all the same, and count in
  /// `clip(toGlobalNorm:)`.
  public static func frozen(_ path: KeyPath<Model, some Any>) -> ParameterOverride {
    ParameterOverride(description: ".frozen(\(path))", change: .frozen, path: path)
  }

  /// The usual rule, whose learning rate is multiplied by a factor of 0 or more.
  public static func learningRate(times factor: Double, for path: KeyPath<Model, some Any>) -> ParameterOverride {
    require(factor >= 0 && factor.isFinite, "ParameterOverride: learning rate times \(factor), expected 0 or more")
    return ParameterOverride(
      description: ".learningRate(times: \(factor), for: \(path))", change: .learningRate(factor: factor), path: path)
  }

  /// Another rule for the parameters, not for the tables.
  @inlinable
  public static func rule(
    dense rule: some Optimizer<Tensor<Model.Scalar>>, for path: KeyPath<Model, some Any>
  ) -> ParameterOverride {
    ParameterOverride(".rule(dense: \(rule), for: \(path))", NamedRule(dense: rule), isForTables: false, at: path)
  }

  /// Another rule for the tables, not for the parameters.
  @inlinable
  public static func rule(
    sparse rule: some Optimizer<IndexedSlices<Model.Scalar>>, for path: KeyPath<Model, some Any>
  ) -> ParameterOverride {
    ParameterOverride(".rule(sparse: \(rule), for: \(path))", NamedRule(sparse: rule), isForTables: true, at: path)
  }
}

/// What becomes of a leaf's usual rule.
enum RuleChange<Scalar: TensorScalar> {
  case frozen
  case learningRate(factor: Double)
  case rule(NamedRule<Scalar>)
}

/// The change for each leaf that has one. Traps on overrides that match nothing, and on two that match the same leaf.
func resolve<Model: Module>(
  _ overrides: [ParameterOverride<Model>], in model: Model
) -> [Int: RuleChange<Model.Scalar>] {
  var chosen: [Int: ParameterOverride<Model>] = [:]
  let leaves = model.leaves
  for override in overrides {
    let indices = model.leafIndices(at: override.path).filter { override.kinds.contains(leaves[$0].kind) }
    let names = leaves.map(\.name).joined(separator: ", ")
    require(!indices.isEmpty, "ModelOptimizer: the override \(override.description) matches nothing among \(names)")
    for index in indices {
      if let other = chosen.updateValue(override, forKey: index) {
        let name = leaves[index].name
        trap("ModelOptimizer: two overrides match \(name): \(other.description) and \(override.description)")
      }
    }
  }
  return chosen.mapValues(\.change)
}
