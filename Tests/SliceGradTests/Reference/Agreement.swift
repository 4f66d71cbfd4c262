import SliceGrad
import Testing

/// Expects a result to be PyTorch's: of the same shape, and no element off by more than a tolerance, 1e-10 for Double
/// and 1e-5 for Float, times its magnitude. Elements far below the largest, differences of larger numbers perhaps, may
/// be off by as much as one of a thousandth of the largest's size, of a tenth of it for Float.
func expectAgreement<Scalar>(
  _ result: Tensor<Scalar>, _ expected: Tensor<Double>, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.shape == expected.shape, "the shape of \(what)", sourceLocation: sourceLocation)
  let (tolerance, share) = Scalar.self == Float.self ? (1e-5, 0.1) : (1e-10, 0.001)
  let smallest = share * expected.elements.reduce(0) { max($0, $1.magnitude) }
  // Whatever a NaN is compared to, the answer is false: it is never within the tolerance.
  let wrong = zip(result.elements, expected.elements).filter {
    !((Double($0) - $1).magnitude <= tolerance * max($1.magnitude, smallest))
  }
  #expect(
    wrong.isEmpty, "\(what): \(wrong.count) of \(expected.count) elements are off by more than \(tolerance)",
    sourceLocation: sourceLocation)
}

/// Expects a number to be PyTorch's, by the same rule.
func expectAgreement(
  _ result: Double, _ expected: Double, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  expectAgreement(Tensor(result), Tensor(expected), what, sourceLocation: sourceLocation)
}
