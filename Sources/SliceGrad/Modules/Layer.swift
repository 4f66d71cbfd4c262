/// A module that makes one variable of one input, so that layers can be put one after the other by `Sequential`.
///
/// The input is a variable, unless the layer says otherwise: `EmbeddingBag` takes `RaggedIndices`, `Embedding` takes
/// row numbers.
public protocol Layer<Scalar, Input>: Module {
  associatedtype Input = Variable<Scalar>

  func callAsFunction(_ input: Input) -> Variable<Scalar>
}

/// Any layer that makes a variable of a variable.
public typealias AnyLayer<Scalar: TensorScalar> = any Layer<Scalar, Variable<Scalar>>

/// Layers one after the other. The first one decides what goes in: a variable, or row numbers.
///
///     let model = Sequential(
///       EmbeddingBag<Float>(rows: 1000, columns: 64, using: &generator),
///       Dense(inputs: 64, outputs: 32, using: &generator),
///       Activation { $0.relu() },
///       Dense(inputs: 32, outputs: 10, using: &generator))
///     print(model(RaggedIndices([[3, 1, 3], [], [0]])).shape)  // [3, 10]
///     print(model)  // Sequential(EmbeddingBag(1000 × 64, mean), Dense(64 → 32), Activation, Dense(32 → 10))
///
/// Parameters are named by their layer's position: "0.weight", "1.bias".
public struct Sequential<First: Layer>: Layer, CustomStringConvertible {
  public typealias Scalar = First.Scalar

  /// The first layer.
  public var first: First

  /// The other layers.
  public var rest: [AnyLayer<Scalar>]

  /// A sequence of layers.
  public init(_ first: First, _ rest: AnyLayer<Scalar>...) {
    self.first = first
    self.rest = rest
  }

  /// `input` through all layers.
  public func callAsFunction(_ input: First.Input) -> Variable<Scalar> {
    rest.reduce(first(input)) { value, layer in layer(value) }
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&first, "0")
    for i in rest.indices { visit(&rest[i], "\(i + 1)") }
  }

  public var description: String { "Sequential(\(([first] + rest as [Any]).map { "\($0)" }.joined(separator: ", ")))" }
}

/// A function without parameters as a layer: an activation, a reshaping.
///
///     let relu = Activation<Float> { $0.relu() }
///     print(relu(Variable(Tensor([-1, 2]))).value)  // [0, 2]
///
/// It isn't `Equatable`, as functions aren't; a model with one compares its other parts in an `==` of its own.
public struct Activation<Scalar: TensorScalar>: Layer, CustomStringConvertible {
  private let function: @Sendable (Variable<Scalar>) -> Variable<Scalar>

  /// The layer that applies a function.
  public init(_ function: @escaping @Sendable (Variable<Scalar>) -> Variable<Scalar>) { self.function = function }

  /// `function(input)`
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { function(input) }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {}

  public var description: String { "Activation" }
}
