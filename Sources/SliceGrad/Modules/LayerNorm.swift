/// Layer normalization over the last axes, with a learnt scale and shift (Ba, Kiros and Hinton 2016).
public struct LayerNorm<Scalar: TensorScalar>: Layer, Equatable {
  /// The scale, of the shape of the normalized axes; ones at first.
  public var weight: Parameter<Scalar>

  /// The shift, of the same shape; zeros at first.
  public var bias: Parameter<Scalar>

  /// What is added to the variance, above 0.
  public var epsilon: Scalar

  /// A layer that normalizes over last axes of this shape: `[features]` for the usual case.
  /// Traps unless epsilon is above 0.
  public init(_ normalizedShape: Shape, epsilon: Scalar = 1e-5) {
    require(epsilon > 0, "LayerNorm: epsilon \(epsilon) is not above 0")
    weight = Parameter(Tensor(ones: normalizedShape))
    bias = Parameter(Tensor(zeros: normalizedShape))
    self.epsilon = epsilon
  }

  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input.layerNorm(
      weight: weight.variable, bias: bias.variable, epsilon: epsilon)
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
  }
}
