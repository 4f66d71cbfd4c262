// Directions: rows along the last axis whose norm is 1, and the cosines of their angles.

extension Tensor {
  /// The rows along the last axis divided by their norms. A row whose norm is 0 stays as it is.
  ///
  ///     print(Tensor<Float>([[3, 4], [0, 0]]).unitRows())  // [[0.6, 0.8],
  ///                                                        //  [0, 0]]
  public func unitRows() -> Tensor { asVariable.unitRows().value }
}

extension Variable {
  /// The rows along the last axis divided by their norms. A row whose norm is 0 stays as it is, and its gradient too.
  public func unitRows() -> Variable {
    let norms = norm(over: [-1], keepingDimensions: true)
    return self / norms.replacing(with: Tensor(1), where: norms.value .== Tensor(0))
  }
}

/// The cosines of the angles between the rows of two operands along their last axis: Σ aⱼ bⱼ / (‖a‖ ‖b‖), or 0 if one
/// of the norms is 0.
///
///     let a = Variable(Tensor<Float>([[3, 4], [1, 0]]))
///     print(cosineSimilarity(a, Tensor([[4, 3], [-2, 0]])).value)  // [0.96, -1]
///
/// - Parameters:
///   - a: `[…, d]`.
///   - b: `[…, d]` with the same d; the other axes broadcast. Traps on any other shape.
/// - Returns: `[…]`.
public func cosineSimilarity<Scalar>(
  _ a: some Elementwise<Scalar>, _ b: some Elementwise<Scalar>
) -> Variable<Scalar> {
  require(
    a.shape.rank >= 1 && b.shape.rank >= 1 && a.shape[-1] == b.shape[-1],
    "cosineSimilarity: \(a.shape) and \(b.shape), expected […, d] twice")
  return (a.asVariable.unitRows() * b.asVariable.unitRows()).sum(over: [-1])
}
