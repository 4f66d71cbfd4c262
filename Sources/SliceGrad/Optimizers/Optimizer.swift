/// A rule that changes one leaf by its gradient. It knows nothing of models, schedules and files; its state is passed
/// in and out.
///
/// The gradient's type is the kind of leaf it is for: a rule for `Tensor` can't be given to a table, nor one for
/// `IndexedSlices` to a dense parameter. A rule of your own is as fast as a built-in one, generic or not:
///
///     struct AdaMax<Scalar: TensorScalar>: Optimizer {
///       struct State: Restorable {
///         var momentum, largest: Tensor<Scalar>
///         mutating func visitFields(_ visit: inout FieldVisitor) {
///           visit(&momentum, "momentum")
///           visit(&largest, "largest")
///         }
///       }
///
///       var learningRate = 2e-3
///
///       func initialState(for shape: Shape) -> State {
///         State(momentum: Tensor(zeros: shape), largest: Tensor(zeros: shape))
///       }
///       func update(
///         _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout State,
///         learningRateFactor: Double
///       ) {
///         let rate = Scalar(learningRate * learningRateFactor)
///         parameter.update(with: gradient, &state.momentum, &state.largest) { p, g, m, u in
///           m = 0.9 * m + 0.1 * g
///           u = max(0.999 * u, abs(g))
///           p -= rate * m / (u + 1e-8)
///         }
///       }
///     }
///     print(AdaMax<Float>())  // AdaMax(learningRate: 0.002)
///
/// Its stored properties are its hyperparameters: `print` shows them, and a checkpoint saves them under their names and
/// refuses others. If you rename one, older checkpoints are refused too, unless its `CodingKeys` keep the old name.
///
/// The module that makes a `ModelOptimizer` compiles the rule's `update`, for the model's `Scalar`. If the rule is in
/// another module, write `@inlinable` before `update`. For 215,000 elements AdaMax takes 0.8 ns each on one thread, and
/// Adam 1.1; a generic rule that is only known as `any Optimizer` takes 18.
///
/// A rule for tables keeps a `RowState` and updates rows with its `update(_:of:_:)`. Without state,
/// `parameter.add(gradient, scaledBy: -rate)` is an update.
public protocol Optimizer<Gradient>: Codable, CustomStringConvertible, Sendable {
  associatedtype Gradient: ParameterGradient
  associatedtype State: Restorable

  /// The state before the first update of a leaf of this shape.
  func initialState(for shape: Shape) -> State

  /// Changes the leaf and the state, both in place. `learningRateFactor`, which a schedule computes, multiplies the
  /// rule's own learning rate in this step.
  func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double)

  /// Traps on a hyperparameter out of its range. Initializers call it, and so does `ModelOptimizer`, for rules that
  /// were decoded.
  func checkHyperparameters()

  /// Which rows of a table an update changes, as a moving average has to know.
  var rowChanges: RowChanges { get }

  /// Does what the rule has put off for some rows that had no gradient, so that a step can read them; or for all, if
  /// `rows` is nil, so that the leaf can be evaluated or saved. Rows may be repeated. Most rules put off nothing.
  func catchUp(_ parameter: inout Tensor<Gradient.Scalar>, rows: [Int32]?, state: inout State)
}

/// Which rows of a table an update by a rule changes.
public enum RowChanges: Sendable {
  /// Those that have a gradient, as most sparse rules do.
  case withGradient
  /// All.
  case all
  /// All in effect; but those without a gradient are changed only when they next have one, or by `catchUp`.
  case postponed
}

extension Optimizer where State == EmptyState {
  public func initialState(for shape: Shape) -> EmptyState { EmptyState() }
}

extension Optimizer {
  public func checkHyperparameters() {}

  public var rowChanges: RowChanges { .withGradient }

  public func catchUp(_ parameter: inout Tensor<Gradient.Scalar>, rows: [Int32]?, state: inout State) {}

  /// Does what the rule has put off for all rows.
  public func settle(_ parameter: inout Tensor<Gradient.Scalar>, state: inout State) {
    catchUp(&parameter, rows: nil, state: &state)
  }

  /// Changes the leaf and the state, both in place, at the rule's own learning rate.
  public func update(_ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State) {
    update(&parameter, with: gradient, state: &state, learningRateFactor: 1)
  }

  /// Traps on the first hyperparameter that isn't in the range, which is 0 or more if none is given:
  /// "Adam: beta1 1.5 is not in 0.0..<1.0".
  public func check(_ hyperparameters: KeyValuePairs<String, Double>, in range: Range<Double> = 0..<(.infinity)) {
    for (name, value) in hyperparameters {
      require(
        range.contains(value), "\(Self.name): \(name) \(value) is not in \(range.lowerBound)..<\(range.upperBound)")
    }
  }

  /// The rule as it is written in Swift: "Adam(learningRate: 0.001, beta1: 0.9, …, amsgrad: false)".
  public var description: String {
    let hyperparameters = Mirror(reflecting: self).children.map { label, value in
      if value is any Optimizer { return "\(value)" }
      return "\(label ?? "_"): \(Mirror(reflecting: value).displayStyle == .enum ? "." : "")\(value)"
    }
    return "\(Self.name)(\(hyperparameters.joined(separator: ", ")))"
  }

  /// The name of the rule's type, without generic arguments.
  static var name: String { String("\(Self.self)".prefix { $0 != "<" }) }
}
