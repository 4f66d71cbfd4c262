/// What `checkGradients` found.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// A gradient and its finite difference.
  public struct Comparison: Sendable {
    /// The name of the tensor or parameter.
    public let name: String
    /// The position of the element; nil where a whole direction was compared.
    public let position: [Int]?
    /// What the pullbacks computed.
    public let gradient: Double
    /// How fast the function rises there.
    public let finiteDifference: Double
    /// How far off the finite difference may be, because of rounding, and because it changes with the step.
    public let uncertainty: Double
    /// Whether the function has a kink there. The gradients on its two sides were compared then.
    public let isAtKink: Bool

    /// |gradient − finite difference|
    public var error: Double { (gradient - finiteDifference).magnitude }
  }

  /// One for each direction that was tried.
  public internal(set) var directions: [Comparison] = []

  /// On failure an element that is off: in a tensor of up to 256 elements the one with the largest error.
  public internal(set) var worst: Comparison?

  /// The largest error that passes, relative to the gradient, where the finite difference is exact.
  public let tolerance: Double

  /// Why gradients are wrong, where the check knows it.
  var reason: String?

  /// What else there is to say, such as which rows were left out.
  var remarks: [String] = []

  /// Whether every direction agreed.
  public var passed: Bool { worst == nil && reason == nil }

  /// One line: that the gradients agree, or which element is worst and how far it is off, and what is known of why.
  public var description: String { ([finding] + remarks).joined(separator: "; ") }

  private var finding: String {
    if let worst { return [worst.description(tolerance), reason].compactMap(\.self).joined(separator: ": ") }
    if let reason { return reason }
    if directions.isEmpty { return "nothing was compared: there are no elements" }
    return "gradients agree with finite differences along \(directions.count) directions"
  }
}

extension GradientCheck.Comparison {
  fileprivate func description(_ tolerance: Double) -> String {
    let place = position.map { "\(name)\($0)" } ?? "\(name), along a random direction"
    let limits = "(± \(Float(uncertainty)), tolerance \(tolerance))"
    return "\(place): gradient \(gradient), finite difference \(finiteDifference) \(limits)"
      + (isAtKink ? " on either side of a kink" : "")
  }
}

/// Compares a function's gradients with finite differences: for checking your own operations.
///
///     let x = Tensor<Double>([0.5, -1, 2])
///     print(checkGradients(at: ["x": x]) { v in v["x"]!.tanh() * 2 })
///     // gradients agree with finite differences along 3 directions
///
/// Random directions come first, which cost two evaluations each, however many elements there are. Where one disagrees,
/// shorter and longer steps find out whether it is the gradient that is wrong, or the difference: because of rounding,
/// of a kink such as relu's 0, of a pole, of the edge of the function's domain. Then the elements of the tensor are
/// compared to name the worst. A function whose value isn't a scalar is multiplied by random numbers and summed.
///
/// At a kink the gradients on its two sides are compared. Rows of a table whose gradients are not the derivatives by
/// design, because of `paddingIndex` or `scalesGradientByFrequency`, are left out, and named. Dropout is fine: every
/// evaluation starts with the same random numbers.
///
/// In `Double` no error of 1 % was missed in the thousands of wrong functions of `GradientCheckRatesTests`. `Float` can't
/// see what is lost in its rounding; the description says how much that is.
///
/// Traps on a tolerance or step that isn't above 0, and if there are no directions.
///
/// - Parameters:
///   - tensors: where to check, by name.
///   - directions: how many random directions to try for each tensor. In every other one each element moves in
///     proportion to its size.
///   - tolerance: the largest error that passes, relative to the gradient; 1e-6 for Double and 1e-3 for Float if nil.
///   - step: how far to move at first, relative to the tensor's elements; the fourth root of the precision if nil.
///   - seed: of the random directions.
///   - function: what to check; it is evaluated once, and for each direction of each tensor twice where that is enough,
///     up to 70 times where it isn't.
public func checkGradients<Scalar>(
  at tensors: KeyValuePairs<String, Tensor<Scalar>>, directions: Int = 3, tolerance: Double? = nil,
  step: Double? = nil, seed: UInt64 = 0, _ function: @escaping ([String: Variable<Scalar>]) -> Variable<Scalar>
) -> GradientCheck {
  let names = tensors.map(\.key)
  require(Set(names).count == names.count, "checkGradients: a name is there twice among \(names)")
  return GradientChecker(names: names, tolerance: tolerance, step: step, seed: seed) {
    function(Dictionary(uniqueKeysWithValues: zip(names, $0)))
  }.check(at: tensors.map(\.value), directions: directions)
}

/// The same for tensors without names, as many as there are. See the other `checkGradients`.
public func checkGradients<Scalar>(
  at tensors: [Tensor<Scalar>], directions: Int = 3, tolerance: Double? = nil, step: Double? = nil, seed: UInt64 = 0,
  _ function: @escaping ([Variable<Scalar>]) -> Variable<Scalar>
) -> GradientCheck {
  GradientChecker(
    names: tensors.indices.map { "tensor \($0)" }, tolerance: tolerance, step: step, seed: seed, function
  ).check(at: tensors, directions: directions)
}

extension GradientChecker {
  /// A check of a function of tensors.
  fileprivate init(
    names: [String], tolerance: Double?, step: Double?, seed: UInt64,
    _ function: @escaping ([Variable<Scalar>]) -> Variable<Scalar>
  ) {
    self.init(names: names, tolerance: tolerance, step: step, seed: seed) { tape, values, cotangent in
      tape.step(at: values, { tape.tracking(function($0)) }, cotangent: cotangent)
    }
  }
}
