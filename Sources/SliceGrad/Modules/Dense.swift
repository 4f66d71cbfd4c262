/// A linear layer, x Wᵀ + b: `[…, inputs]` to `[…, outputs]`. Weight and bias have PyTorch's shapes and names.
public struct Dense<Scalar: TensorScalar>: Layer, Equatable {
  /// `[outputs, inputs]`
  public var weight: Parameter<Scalar>

  /// `[outputs]`
  public var bias: Parameter<Scalar>?

  /// A layer with Glorot-uniform weights and, unless `hasBias` is false, a bias of zeros.
  public init(inputs: Int, outputs: Int, hasBias: Bool = true, using generator: inout RandomGenerator) {
    self.init(
      weight: .glorotUniform([outputs, inputs], using: &generator), bias: hasBias ? Tensor(zeros: [outputs]) : nil)
  }

  /// A layer with these weights `[outputs, inputs]` and bias `[outputs]`. Traps if the shapes don't fit.
  public init(weight: Tensor<Scalar>, bias: Tensor<Scalar>?) {
    require(
      weight.rank == 2 && (bias == nil || bias!.shape == [weight.shape[0]]),
      "Dense: weight \(weight.shape) and bias \(bias?.shape ?? [weight.shape[0]]), expected [outputs, inputs] and [outputs]"
    )
    self.weight = Parameter(weight)
    self.bias = bias.map { Parameter($0) }
  }

  @specialized(where Scalar == Float)
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input.linear(weight: weight.variable, bias: bias?.variable)
  }

  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
  }
}
