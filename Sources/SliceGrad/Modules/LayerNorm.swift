/// Layer normalization over the last axes, with a learnt scale and shift.
///
/// y = weight · (x − mean) / √(variance + ε) + bias, with the mean and the variance over the last axes.
///
///     let layer = LayerNorm<Double>([4])
///     print(layer(Variable(Tensor([[1, 2, 3, 4]]))).value)  // [[-1.34164, -0.447212, 0.447212, 1.34164]]
///     print(layer)  // LayerNorm([4])
///
/// - Input: `[…] + normalizedShape`
/// - Output: the input's shape.
///
/// Source: Ba, Kiros and Hinton, “Layer Normalization” (2016).
public struct LayerNorm<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// The scale, of the shape of the normalized axes; ones at first.
  public var weight: Parameter<Scalar>

  /// The shift, of the same shape; zeros at first.
  public var bias: Parameter<Scalar>

  /// ε, above 0.
  public var epsilon: Scalar

  /// A layer that normalizes over the last axes, which have this shape: usually `[features]`. Traps unless epsilon is
  /// above 0.
  public init(_ normalizedShape: Shape, epsilon: Scalar = 1e-5) {
    require(epsilon > 0, "LayerNorm: epsilon \(epsilon) is not above 0")
    weight = Parameter(Tensor(ones: normalizedShape))
    bias = Parameter(Tensor(zeros: normalizedShape))
    self.epsilon = epsilon
  }

  /// The normalized input. Traps unless its last axes have the normalized shape.
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input.layerNorm(weight: weight.variable, bias: bias.variable, epsilon: epsilon)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
  }

  public var description: String { "LayerNorm(\(weight.shape))" }
}
