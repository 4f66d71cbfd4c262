// Losses of numbers that are to be foretold: how far predictions x are from targets t.

/// The mean squared error Σ (x − t)² / n of n predictions x and targets t.
///
///     let predictions = Variable(Tensor<Double>([1, 2]))
///     print(meanSquaredError(predictions, Tensor([1, 5])).value)  // 4.5
///
/// It is PyTorch's `mse_loss`, without a factor of ½.
///
/// Source: Goodfellow, Bengio and Courville, “Deep Learning” (2016), equation 5.4.
///
/// - Parameters:
///   - predictions: x, of any shape.
///   - targets: t, of the predictions' shape. Traps on any other shape. A gradient flows to them if they are a
///     variable; a tensor is a constant.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` the squared difference of each element.
public func meanSquaredError<Scalar>(
  _ predictions: Variable<Scalar>, _ targets: some Elementwise<Scalar>, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  errors(predictions, targets, in: "meanSquaredError").square().reduced(reduction)
}

/// The mean absolute error Σ |x − t| / n of n predictions x and targets t. Large errors weigh less than in the squared
/// one. It is PyTorch's `l1_loss`.
///
///     let predictions = Variable(Tensor<Double>([1, 2]))
///     print(meanAbsoluteError(predictions, Tensor([1, 5])).value)  // 1.5
///
/// The gradient is 0 where both are equal.
///
/// - Parameters:
///   - predictions: x, of any shape.
///   - targets: t, as of `meanSquaredError`.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` the absolute difference of each element.
public func meanAbsoluteError<Scalar>(
  _ predictions: Variable<Scalar>, _ targets: some Elementwise<Scalar>, reduction: LossReduction = .mean
) -> Variable<Scalar> {
  errors(predictions, targets, in: "meanAbsoluteError").abs().reduced(reduction)
}

/// The Huber loss: ½ e² of errors e = |x − t| up to δ, and δ (e − ½ δ) of larger ones, so that no gradient is more than
/// δ. It is PyTorch's `huber_loss`.
///
///     let predictions = Variable(Tensor<Double>([1, 2]))
///     print(huber(predictions, Tensor([0.5, 5]), reduction: .none).value)  // [0.125, 2.5]
///
/// Source: Huber, “Robust Estimation of a Location Parameter” (1964).
///
/// - Parameters:
///   - predictions: x, of any shape.
///   - targets: t, as of `meanSquaredError`.
///   - delta: δ, above 0.
///   - reduction: how the losses of a batch are combined.
/// - Returns: a scalar, or with reduction `none` the loss of each element.
public func huber<Scalar>(
  _ predictions: Variable<Scalar>, _ targets: some Elementwise<Scalar>, delta: Scalar = 1,
  reduction: LossReduction = .mean
) -> Variable<Scalar> {
  require(delta > 0, "huber: delta \(delta), expected a number above 0")
  let errors = errors(predictions, targets, in: "huber").abs()
  let bounded = errors.clamped(to: 0...delta)
  return (bounded * (errors - bounded * 0.5)).reduced(reduction)
}

/// x − t
private func errors<Scalar>(
  _ predictions: Variable<Scalar>, _ targets: some Elementwise<Scalar>, in loss: String
) -> Variable<Scalar> {
  require(
    predictions.shape == targets.shape,
    "\(loss): predictions \(predictions.shape) and targets \(targets.shape) differ in shape")
  return predictions - targets.asVariable
}
