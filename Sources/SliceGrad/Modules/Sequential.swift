/// Layers one after the other.
///
///     let network = Sequential<Float>(
///       Dense(inputs: 64, outputs: 32, using: &generator),
///       Activation { $0.relu() },
///       Dense(inputs: 32, outputs: 10, using: &generator))
///
/// Parameters are named by their layer's position: "0.weight", "2.bias".
public struct Sequential<Scalar: TensorScalar>: Layer {
  /// The layers, first to last.
  public var layers: [any Layer<Scalar>]

  /// A sequence of layers.
  public init(_ layers: any Layer<Scalar>...) { self.layers = layers }

  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    layers.reduce(input) { value, layer in layer(value) }
  }

  public mutating func visitParameters(_ visitor: inout some ParameterVisitor<Scalar>) {
    for position in layers.indices { layers[position].visit(&visitor, "\(position)") }
  }
}

extension Layer {
  /// `visitor.visit(&self, name)`, for a layer whose type is known only at run time.
  fileprivate mutating func visit(_ visitor: inout some ParameterVisitor<Scalar>, _ name: String) {
    visitor.visit(&self, name)
  }
}

/// A function without parameters as a layer: an activation, a reshaping.
public struct Activation<Scalar: TensorScalar>: Layer {
  private let function: @Sendable (Variable<Scalar>) -> Variable<Scalar>

  /// The layer that applies a function.
  public init(_ function: @escaping @Sendable (Variable<Scalar>) -> Variable<Scalar>) { self.function = function }

  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { function(input) }

  public mutating func visitParameters(_ visitor: inout some ParameterVisitor<Scalar>) {}
}
