/// Another rule, another learning rate or none for some of a model's parameters.
///
///     ModelOptimizer(
///       for: model, dense: Adam(), sparse: SparseAdam(),
///       overrides: [
///         .frozen(\.embedding), .learningRate(times: 0.1, for: \.encoder),
///         .rule(dense: SGD(learningRate: 1), for: \.output.bias),
///       ])
///
/// A key path leads to a parameter, to a table, or to a part of the model, of which it means all parameters and tables.
public struct ParameterOverride<Model: Module> {
  /// How it was made: ".frozen(\\Classifier.embedding)".
  let description: String
  let change: RuleChange
  /// The numbers of the leaves that are meant.
  let leafNumbers: (Model) -> [Int]

  /// A change of all leaves at a path, or only of the tables, or only of the others.
  @usableFromInline
  init<Part>(
    _ description: String, _ change: RuleChange, at path: KeyPath<Model, Part>, onlyTables: Bool? = nil
  ) {
    self.description = description
    self.change = change
    leafNumbers = { model in
      let (numbers, leaves) = (model.leafNumbers(at: path), model.describedLeaves)
      return numbers.filter { onlyTables == nil || leaves[$0].isTable == onlyTables }
    }
  }

  /// The parameters and tables stay as they are. Their gradients are computed nevertheless, and count in
  /// `clip(toGlobalNorm:)`.
  public static func frozen<Part>(_ path: KeyPath<Model, Part>) -> ParameterOverride {
    ParameterOverride(".frozen(\(path))", .frozen, at: path)
  }

  /// The usual rule, whose learning rate is multiplied by a factor of 0 or more.
  public static func learningRate<Part>(times factor: Double, for path: KeyPath<Model, Part>) -> ParameterOverride {
    require(factor >= 0 && factor.isFinite, "ParameterOverride: learning rate times \(factor), expected 0 or more")
    return ParameterOverride(
      ".learningRate(times: \(factor), for: \(path))", .learningRate(factor: factor), at: path)
  }

  /// Another rule for the parameters, not for the tables.
  @inlinable
  public static func rule<Part>(
    dense rule: some Optimizer<Tensor<Model.Scalar>>, for path: KeyPath<Model, Part>
  ) -> ParameterOverride {
    ParameterOverride(
      ".rule(dense: \(rule), for: \(path))", .rule(NamedRule(rule)), at: path, onlyTables: false)
  }

  /// Another rule for the tables, not for the parameters.
  @inlinable
  public static func rule<Part>(
    sparse rule: some Optimizer<IndexedSlices<Model.Scalar>>, for path: KeyPath<Model, Part>
  ) -> ParameterOverride {
    ParameterOverride(
      ".rule(sparse: \(rule), for: \(path))", .rule(NamedRule(rule)), at: path, onlyTables: true)
  }
}

/// What becomes of a leaf's usual rule.
@usableFromInline
enum RuleChange {
  case frozen
  case learningRate(factor: Double)
  /// A `NamedRule` whose gradient's type is the leaf's.
  case rule(any Sendable)
}

/// The change for each leaf that has one. Traps on overrides that match nothing, and on two that match the same leaf.
func resolve<Model: Module>(
  _ overrides: [ParameterOverride<Model>], in model: Model
) -> [Int: RuleChange] {
  var chosen: [Int: ParameterOverride<Model>] = [:]
  let names = model.parameterNames
  for override in overrides {
    let numbers = override.leafNumbers(model)
    require(
      !numbers.isEmpty,
      "ModelOptimizer: the override \(override.description) matches nothing among \(names.joined(separator: ", "))")
    for number in numbers {
      if let other = chosen.updateValue(override, forKey: number) {
        trap(
          "ModelOptimizer: two overrides match \(names[number]): \(other.description) and \(override.description)")
      }
    }
  }
  return chosen.mapValues(\.change)
}
