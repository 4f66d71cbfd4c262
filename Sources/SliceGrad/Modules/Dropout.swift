/// Dropout in training steps, the identity without a tape; see `Variable.dropout`.
public struct Dropout<Scalar: TensorScalar>: Layer, Equatable {
  /// The probability of an element to become 0, in `0..<1`.
  public var probability: Scalar

  /// A layer that drops elements with this probability. Traps outside of `0..<1`.
  public init(_ probability: Scalar) {
    require(0 <= probability && probability < 1, "Dropout: probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { input.dropout(probability) }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {}
}
