/// Dropout in training steps, the identity outside of them; see `Variable.dropout`.
///
/// Its random numbers come from a tape that is made once and given to every step:
///
///     let tape = Tape<Float>(seed: 1)
///     let (loss, gradients) = valueWithGradients(at: model, on: tape) { model in … }
///
/// - Input: any shape.
/// - Output: the same shape.
public struct Dropout<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// The probability of an element to become 0, in `0..<1`.
  public var probability: Scalar

  /// A layer that drops elements with this probability. Traps outside of `0..<1`.
  public init(_ probability: Scalar) {
    require(0 <= probability && probability < 1, "Dropout: probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// The input with some of its elements 0 and the others scaled up.
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { input.dropout(probability) }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {}

  public var description: String { "Dropout(\(probability))" }
}
