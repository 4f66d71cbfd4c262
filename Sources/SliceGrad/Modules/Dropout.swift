/// Dropout in training steps, the identity outside of them; see `Variable.dropout`.
///
/// Its random numbers come from a tape that is made once and passed to every step:
///
///     let layer = Dropout<Float>(0.5)
///     let x = Tensor<Float>(ones: [8])
///     let tape = Tape<Float>(seed: 1)
///     let (_, gradients) = valueWithGradients(at: [x], on: tape) { x in layer(x[0]).sum() }
///     print(gradients[0])  // [0, 0, 2, 0, 2, 0, 0, 2]
///     print(layer(Variable(x)).value)  // [1, 1, 1, 1, 1, 1, 1, 1]
///     print(layer)  // Dropout(0.5)
///
/// - Input: any shape.
/// - Output: the same shape.
///
/// Source: Srivastava et al., “Dropout: A Simple Way to Prevent Neural Networks from Overfitting” (2014).
public struct Dropout<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// The probability that an element becomes 0, in `0..<1`.
  public var probability: Scalar

  /// A layer that drops elements with this probability. Traps outside of `0..<1`.
  public init(_ probability: Scalar) {
    require(0 <= probability && probability < 1, "Dropout: probability \(probability) is not in 0..<1")
    self.probability = probability
  }

  /// The input; in a training step, with some of its elements set to 0 and the others scaled up.
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> { input.dropout(probability) }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {}

  public var description: String { "Dropout(\(probability))" }
}
