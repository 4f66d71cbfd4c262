/// A rule that changes one leaf by its gradient. It knows no model, schedule or file; its state is passed in and out.
///
/// The gradient's type is the kind of leaf it is for: a rule for `Tensor` can't be given to a table, nor one for
/// `IndexedSlices` to a dense parameter.
///
///     struct GradientDescent<Scalar: TensorScalar>: Optimizer {
///       var learningRate: Double
///       func update(
///         _ parameter: inout Tensor<Scalar>, with gradient: Tensor<Scalar>, state: inout EmptyState,
///         learningRateFactor: Double
///       ) {
///         parameter.add(gradient, scaledBy: -Scalar(learningRate * learningRateFactor))
///       }
///     }
public protocol Optimizer<Gradient>: Sendable {
  associatedtype Gradient: ParameterGradient
  associatedtype State: OptimizerState

  /// The state before the first update of a leaf of this shape.
  func initialState(for shape: Shape) -> State

  /// Changes the leaf and the state, both in place. `learningRateFactor` multiplies the rule's own learning rate in
  /// this step: what a schedule computes.
  func update(
    _ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State, learningRateFactor: Double)

  /// Which rows of a table an update changes: a moving average has to know.
  var rowChanges: RowChanges { get }

  /// Does what the rule has put off for rows that had no gradient, so that the leaf can be evaluated or saved. Most
  /// rules put off nothing.
  func settle(_ parameter: inout Tensor<Gradient.Scalar>, state: inout State)
}

/// Which rows of a table an update by a rule changes.
public enum RowChanges: Sendable {
  /// Those that have a gradient, as most sparse rules do.
  case withGradient
  /// All.
  case all
  /// All in effect, but those without a gradient when they are next seen, or by `settle`.
  case postponed
}

extension Optimizer where State == EmptyState {
  public func initialState(for shape: Shape) -> EmptyState { EmptyState() }
}

extension Optimizer {
  public var rowChanges: RowChanges { .withGradient }

  public func settle(_ parameter: inout Tensor<Gradient.Scalar>, state: inout State) {}

  /// Changes the leaf and the state, both in place, at the rule's own learning rate.
  public func update(_ parameter: inout Tensor<Gradient.Scalar>, with gradient: Gradient, state: inout State) {
    update(&parameter, with: gradient, state: &state, learningRateFactor: 1)
  }

  /// Stops the program unless a hyperparameter is in its range, naming both.
  func check(_ value: Double, _ name: String, in range: Range<Double>) {
    require(range.contains(value), "\(Self.name): \(name) \(value) is not in \(range.lowerBound)..<\(range.upperBound)")
  }

  /// The rule's name without its type's parameters.
  private static var name: String { String("\(Self.self)".prefix { $0 != "<" }) }
}
