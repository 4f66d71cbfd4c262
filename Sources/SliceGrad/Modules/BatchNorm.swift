/// Batch normalization of columns, with a learnt scale and shift.
///
/// y = weight · (x − mean) / √(variance + ε) + bias. In a training step, mean and variance are those of the batch, and
/// the optimizer's update moves the running ones towards them; outside of steps, the running ones count. These are
/// buffers: saved with the model, and not trained.
///
///     var layer = BatchNorm<Double>(features: 1)
///     var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 0))
///     let x = Variable(Tensor<Double>([[10], [14]]))
///     let (_, gradients) = valueWithGradients(at: layer) { layer in layer(x).sum() }
///     optimizer.update(&layer, with: gradients)
///     print(layer.runningMean.value, layer.runningVariance.value)  // [1.2] [1.7]
///     print(layer(x).value)  // [[6.74927],
///                            //  [9.81712]]
///     print(layer)  // BatchNorm(1)
///
/// - Input: `[n, features]`, in a step with n of 2 or more: leave out a last batch of one row. Of sequences, `map` all
///   elements.
/// - Output: the input's shape.
///
/// Names, momentum and the unbiased running variance are PyTorch's. Load its `state_dict` with `loadWhatFits`, which
/// leaves out `num_batches_tracked`: nothing here depends on that.
///
/// Source: Ioffe and Szegedy, “Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
/// Shift” (2015).
public struct BatchNorm<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  /// The scale `[features]`; ones at first.
  public var weight: Parameter<Scalar>

  /// The shift `[features]`; zeros at first.
  public var bias: Parameter<Scalar>

  /// The means `[features]` of batches, averaged exponentially; zeros at first.
  public var runningMean: Buffer<Scalar>

  /// The unbiased variances `[features]` of batches, averaged exponentially; ones at first.
  public var runningVariance: Buffer<Scalar>

  /// How far a step moves the running statistics towards those of its batch, in `0...1`.
  public var momentum: Scalar

  /// ε, above 0.
  public var epsilon: Scalar

  /// A layer for the given number of columns. Traps unless there are one or more, the momentum is in `0...1`, and
  /// epsilon is above 0.
  public init(features: Int, momentum: Scalar = 0.1, epsilon: Scalar = 1e-5) {
    require(features > 0, "BatchNorm: \(features) features, expected 1 or more")
    require(0 <= momentum && momentum <= 1, "BatchNorm: momentum \(momentum) is not in 0...1")
    require(epsilon > 0, "BatchNorm: epsilon \(epsilon) is not above 0")
    weight = Parameter(Tensor(ones: [features]))
    bias = Parameter(Tensor(zeros: [features]))
    runningMean = Buffer(Tensor(zeros: [features]))
    runningVariance = Buffer(Tensor(ones: [features]))
    (self.momentum, self.epsilon) = (momentum, epsilon)
  }

  /// The normalized input. Traps unless it has the layer's columns and, in a training step, 2 or more rows.
  @specialized(where Scalar == Float)
  public func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    guard runningMean.isInStep else {
      require(
        input.shape.rank == 2 && input.shape[1] == weight.shape[0],
        "BatchNorm: input \(input.shape), expected [n, \(weight.shape[0])]")
      let scale = weight.variable / (runningVariance.value + epsilon).sqrt()
      return (input - runningMean.value) * scale + bias.variable
    }
    let (result, mean, variance) = input.batchNorm(weight: weight.variable, bias: bias.variable, epsilon: epsilon)
    let rows = Scalar(input.shape[0])
    runningMean.assign(runningMean.value * (1 - momentum) + mean * momentum)
    runningVariance.assign(runningVariance.value * (1 - momentum) + variance * (momentum * rows / (rows - 1)))
    return result
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
    visit(&bias, "bias")
    visit(&runningMean, "running_mean")
    visit(&runningVariance, "running_var")
  }

  public var description: String { "BatchNorm(\(weight.shape[0]))" }
}
