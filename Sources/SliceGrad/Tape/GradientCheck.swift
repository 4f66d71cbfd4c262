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

  /// One comparison for each direction that was tried.
  public internal(set) var directions: [Comparison] = []

  /// On failure, an element whose gradient is off: in a tensor of up to 256 elements, the one that is off most.
  public internal(set) var worst: Comparison?

  /// The largest error that passes, relative to the gradient. The uncertainty of the finite difference is allowed in
  /// addition.
  public let tolerance: Double

  /// Why gradients are wrong, where the check knows it.
  var reason: String?

  /// What else there is to say, such as which rows were left out.
  var remarks: [String] = []

  /// Whether every direction agreed.
  public var passed: Bool { worst == nil && reason == nil }

  /// One line: that the gradients agree, or which element is the worst, how far it is off, and why if that is known.
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
/// First it compares along random directions, each of which costs two evaluations, however many elements there are. If
/// one disagrees, shorter and longer steps show whether the gradient is wrong or only the difference: because of
/// rounding, a kink such as relu's at 0, a pole, or the edge of the function's domain. If it is the gradient, it
/// compares elements of that tensor, to name the worst. If the function's value isn't a scalar, it is multiplied by
/// random numbers and summed.
///
/// At a kink, the gradients on both sides of it are compared. Rows of a table whose gradients are by design not the
/// derivatives, because of `paddingIndex` or `scalesGradientByFrequency`, are left out. The description says so, and by
/// how much the differences are uncertain if that is more than 1 %: in `Double` they rarely are, in `Float` often.
/// Dropout is fine, because every evaluation starts with the same random numbers; a function that draws others fails.
///
/// Traps if the tolerance, the step or the number of directions isn't above 0.
///
/// - Parameters:
///   - tensors: the tensors at which to check, by name.
///   - directions: how many random directions to try for each tensor. In every second one, each element moves in
///     proportion to its own size.
///   - tolerance: the largest error that passes, relative to the gradient; if nil, 1e-6 for Double and 1e-4 for Float.
///   - step: how far to move at first, relative to the size of the tensor's elements; if nil, the fourth root of the
///     precision.
///   - seed: the seed of the random directions.
///   - function: the function to check. It is evaluated twice, and then for each direction of each tensor twice, or up
///     to 70 times where the first step isn't conclusive.
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

/// The same for any number of tensors without names. See the other `checkGradients`.
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
      var isRecorded = true
      let (output, gradients) = tape.step(
        at: values, { tape.tracking(function($0), isRecorded: &isRecorded) }, cotangent: cotangent)
      return (output, gradients, isRecorded)
    }
  }
}
