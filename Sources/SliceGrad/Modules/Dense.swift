/// A linear layer, y = x Wᵀ + b. Weight and bias have PyTorch's shapes and names.
///
///     let layer = Dense<Float>(weight: Tensor([[1, 2, 3], [4, 5, 6]]), bias: Tensor([10, 20]))
///     print(layer(Variable(Tensor([1, 0, 0]))).value)  // [11, 24]
///     print(layer)  // Dense(3 → 2)
///
/// - Input: `[…, inputs]`
/// - Output: `[…, outputs]`
public struct Dense<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// W, `[outputs, inputs]`.
  public var weight: Parameter<Scalar>

  /// b, `[outputs]`.
  public var bias: Parameter<Scalar>?

  /// A layer with weights from `glorotUniform` and, unless `hasBias` is false, a bias of zeros.
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

  /// x Wᵀ + b. Traps unless the last dimension of the input is `inputs`.
  @specialized(where Scalar == Float)
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input.linear(weight: weight.variable, bias: bias?.variable)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
  }

  public var description: String {
    "Dense(\(weight.shape[1]) → \(weight.shape[0])\(bias == nil ? ", without bias" : ""))"
  }
}
