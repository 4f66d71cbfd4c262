/// A module that maps one input to one variable, so that `Sequential` can apply layers one after another.
///
/// The input is a variable, unless the layer says otherwise: `EmbeddingBag` takes `RaggedIndices`, `Embedding` takes
/// row numbers.
public protocol Layer<Scalar, Input>: Module {
  associatedtype Input = Variable<Scalar>

  func callAsFunction(_ input: Input) -> Variable<Scalar>
}

/// Any layer that maps a variable to a variable.
public typealias AnyLayer<Scalar: TensorScalar> = any Layer<Scalar, Variable<Scalar>>

/// Layers applied one after another. The first one determines the input: a variable, or row numbers.
///
///     let model = Sequential(
///       EmbeddingBag<Float>(rows: 1000, columns: 64, using: &generator),
///       Dense(inputs: 64, outputs: 32, using: &generator),
///       Activation { $0.relu() },
///       Dense(inputs: 32, outputs: 10, using: &generator))
///     print(model(RaggedIndices([[3, 1, 3], [], [0]])).shape)  // [3, 10]
///     print(model)  // Sequential(EmbeddingBag(1000 × 64, mean), Dense(64 → 32), Activation, Dense(32 → 10))
///
/// Parameters are named after the position of their layer: "0.weight", "1.bias".
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

  /// The output of the last layer.
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
/// It isn't `Equatable`, because functions aren't. A model that has one can compare its other parts in an `==` of its
/// own.
public struct Activation<Scalar: TensorScalar>: Layer, CustomStringConvertible {
  private let function: @Sendable (Variable<Scalar>) -> Variable<Scalar>

  /// The layer that applies a function.
  public init(_ function: @escaping @Sendable (Variable<Scalar>) -> Variable<Scalar>) { self.function = function }

  /// `function(input)`
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { function(input) }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {}

  public var description: String { "Activation" }
}
