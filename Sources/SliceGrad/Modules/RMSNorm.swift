/// Normalization by the root mean square over the last axes, with a learnt scale.
///
/// y = weight · x / √(mean x² + ε)
///
///     let layer = RMSNorm<Double>([2])
///     print(layer(Variable(Tensor([[3, 4]]))).value)  // [[0.848528, 1.13137]]
///     print(layer)  // RMSNorm([2])
///
/// - Input: `[…] + normalizedShape`
/// - Output: the input's shape.
///
/// Source: Zhang and Sennrich, “Root Mean Square Layer Normalization” (2019).
public struct RMSNorm<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// The scale, of the shape of the normalized axes; ones at first.
  public var weight: Parameter<Scalar>

  /// ε, above 0. PyTorch's default is smaller: 2⁻²³ for floats, 2⁻⁵² for doubles.
  public var epsilon: Scalar

  /// A layer that normalizes over the last axes, which have this shape: usually `[features]`. Traps unless epsilon is
  /// above 0.
  public init(_ normalizedShape: Shape, epsilon: Scalar = 1e-6) {
    require(epsilon > 0, "RMSNorm: epsilon \(epsilon) is not above 0")
    weight = Parameter(Tensor(ones: normalizedShape))
    self.epsilon = epsilon
  }

  /// The normalized input. Traps unless its last axes have the normalized shape.
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input.rmsNorm(weight: weight.variable, epsilon: epsilon)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) { visit(&weight, "weight") }

  public var description: String { "RMSNorm(\(weight.shape))" }
}
