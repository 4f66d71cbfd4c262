// Directions: rows along the last axis whose norm is 1, and the cosines of their angles.

extension Tensor {
  /// The rows along the last axis divided by their norms. A row of zeros stays as it is.
  ///
  ///     print(Tensor<Float>([[3, 4], [0, 0]]).unitRows())  // [[0.6, 0.8],
  ///                                                        //  [0, 0]]
  public func unitRows() -> Tensor { asVariable.unitRows().value }
}

extension Variable {
  /// The rows along the last axis divided by their norms. A row of zeros stays as it is, and its gradient too.
  public func unitRows() -> Variable {
    let norms = norm(over: [-1], keepingDimensions: true)
    return self / norms.replacing(with: Tensor(1), where: norms.value .== Tensor(0))
  }
}

/// The cosines of the angles between the rows of two operands along their last axis: Σ aⱼ bⱼ / (‖a‖ ‖b‖), or 0 if one
/// of them is all zeros.
///
///     let a = Variable(Tensor<Float>([[3, 4], [1, 0]]))
///     print(cosineSimilarity(a, Tensor([[4, 3], [-2, 0]])).value)  // [0.96, -1]
///
/// - Parameters:
///   - a: `[…, d]`.
///   - b: of the same shape, or of one that broadcasts. Traps on any other.
/// - Returns: `[…]`.
public func cosineSimilarity<Scalar>(
  _ a: some Elementwise<Scalar>, _ b: some Elementwise<Scalar>
) -> Variable<Scalar> {
  (a.asVariable.unitRows() * b.asVariable.unitRows()).sum(over: [-1])
}
