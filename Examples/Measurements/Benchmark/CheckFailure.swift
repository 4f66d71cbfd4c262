/// A result that isn't what the plain loop computes.
struct CheckFailure: Error, CustomStringConvertible {
  let description: String
}

/// Throws `CheckFailure` unless a result is as expected, give or take the tolerance. NaN never is.
func expect(
  _ result: some BinaryFloatingPoint, equals expected: Double, tolerance: Double, _ name: @autoclosure () -> String
) throws {
  guard (Double(result) - expected).magnitude <= tolerance else {
    throw CheckFailure(description: "\(name()) is \(result), expected \(expected) ± \(tolerance)")
  }
}
