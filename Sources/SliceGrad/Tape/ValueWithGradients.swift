/// The value of a function of tensors and its gradients: for checks, and for optimizing something that isn't a model.
///
///     let (value, gradients) = valueWithGradients(at: [Tensor([1, 2, 3.0])]) { x in x[0].square().sum() }
///     print(value, gradients[0])  // 14.0 [2, 4, 6]
///
/// A tensor on which the value doesn't depend has a gradient of zeros. Traps unless the value is a scalar.
@specialized(where Scalar == Float)
public func valueWithGradients<Scalar: TensorScalar>(
  at tensors: [Tensor<Scalar>], on tape: Tape<Scalar> = Tape(),
  _ function: ([Variable<Scalar>]) throws -> Variable<Scalar>
) rethrows -> (value: Scalar, gradients: [Tensor<Scalar>]) {
  let (output, gradients) = try tape.step(at: tensors, function, cotangent: { unitCotangent(of: $0) })
  return (output.scalar, gradients)
}

/// The weight of a loss in its own gradient, 1. Traps unless the loss is a scalar.
func unitCotangent<Scalar>(of loss: Tensor<Scalar>) -> Tensor<Scalar> {
  require(loss.count == 1, "valueWithGradients: a loss of shape \(loss.shape), expected a scalar")
  return Tensor(ones: loss.shape)
}

extension Tape {
  /// A function's output at some tensors, and the gradients of Σ cotangent · output with respect to them.
  @specialized(where Scalar == Float)
  func step(
    at tensors: [Tensor<Scalar>], _ function: ([Variable<Scalar>]) throws -> Variable<Scalar>,
    cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) rethrows -> (output: Tensor<Scalar>, gradients: [Tensor<Scalar>]) {
    let (output, gradients) = try step(
      { _ in
        let leaves = tensors.map { Variable($0, tape: self, index: newIndex(of: $0.shape)) }
        return (try function(leaves), leaves.count)
      }, cotangent: cotangent)
    return (
      output,
      zip(gradients, tensors).map { gradient, tensor in
        gradient.sum ?? Tensor(zeros: tensor.shape)
      }
    )
  }
}
