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
    /// (f(x + h u) − f(x − h u)) / 2h along the same direction.
    public let finiteDifference: Double

    /// |gradient − finite difference|
    public var error: Double { (gradient - finiteDifference).magnitude }
  }

  /// One comparison for each direction that was tried.
  public internal(set) var directions: [Comparison] = []

  /// On failure, an element whose gradient is off: in a tensor of up to 256 elements, the one with the largest error.
  public internal(set) var worst: Comparison?

  /// The largest error that passes, relative to the gradient. Rounding errors, relative to the function, are allowed in
  /// addition.
  public let tolerance: Double

  /// Whether every direction agreed.
  public var passed: Bool { worst == nil }

  /// One line: that the gradients agree, or which element is the worst and how far it is off.
  public var description: String {
    if directions.isEmpty { return "nothing was compared: there are no elements" }
    guard let worst else { return "gradients agree with finite differences along \(directions.count) directions" }
    let place = worst.position.map { "\(worst.name)\($0)" } ?? "\(worst.name), along a random direction"
    return "\(place): gradient \(worst.gradient), finite difference \(worst.finiteDifference) (tolerance \(tolerance))"
  }
}

/// Compares a function's gradients with central finite differences: for checking your own operations.
///
///     let x = Tensor<Double>([0.5, -1, 2])
///     print(checkGradients(at: ["x": x]) { v in v["x"]!.tanh() * 2 })
///     // gradients agree with finite differences along 3 directions
///
/// First it compares along random directions, each of which costs two evaluations, however many elements there are. If
/// one disagrees, it compares elements of that tensor, to name the worst. If the function's value isn't a scalar, it is
/// multiplied by random numbers and summed.
///
/// Use `Double`, and keep away from kinks such as relu's at 0. Dropout is fine, because every evaluation starts with
/// the same random numbers.
///
/// - Parameters:
///   - tensors: the tensors at which to check, by name.
///   - directions: how many random directions to try for each tensor.
///   - tolerance: the largest error that passes, relative to the gradient; if nil, 1e-6 for Double and 1e-2 for Float.
///   - seed: the seed of the random directions.
///   - function: the function to check. It is evaluated once, and then 2 · `directions` times for each tensor.
public func checkGradients<Scalar>(
  at tensors: KeyValuePairs<String, Tensor<Scalar>>, directions: Int = 3, tolerance: Double? = nil, seed: UInt64 = 0,
  _ function: @escaping ([String: Variable<Scalar>]) -> Variable<Scalar>
) -> GradientCheck {
  let names = tensors.map(\.key)
  require(Set(names).count == names.count, "checkGradients: a name is there twice among \(names)")
  return GradientChecker(names: names, tolerance: tolerance, seed: seed) { values, cotangent in
    Tape(seed: seed).step(
      at: values, { function(Dictionary(uniqueKeysWithValues: zip(names, $0))) }, cotangent: cotangent)
  }.check(at: tensors.map(\.value), directions: directions)
}

/// The same for any number of tensors without names. See the other `checkGradients`.
public func checkGradients<Scalar>(
  at tensors: [Tensor<Scalar>], directions: Int = 3, tolerance: Double? = nil, seed: UInt64 = 0,
  _ function: @escaping ([Variable<Scalar>]) -> Variable<Scalar>
) -> GradientCheck {
  let names = tensors.indices.map { "tensor \($0)" }
  return GradientChecker(names: names, tolerance: tolerance, seed: seed) { values, cotangent in
    Tape(seed: seed).step(at: values, function, cotangent: cotangent)
  }.check(at: tensors, directions: directions)
}

/// The check itself, for a function of tensors.
struct GradientChecker<Scalar: TensorScalar> {
  /// The function's output, and the gradients of Σ cotangent · output.
  typealias Function = (
    _ values: [Tensor<Scalar>], _ cotangent: (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> (output: Tensor<Scalar>, gradients: [Tensor<Scalar>])

  let names: [String]
  let tolerance: Double
  let function: Function
  private let seed: UInt64
  /// The step of the differences: about the cube root of the precision, which balances the rounding error against the
  /// error of the cubic term.
  private let step: Scalar

  init(names: [String], tolerance: Double?, seed: UInt64, function: @escaping Function) {
    self.names = names
    self.seed = seed
    self.function = function
    let isDouble = Scalar.ulpOfOne < 1e-10
    self.tolerance = tolerance ?? (isDouble ? 1e-6 : 1e-2)
    step = isDouble ? 6e-6 : 5e-3
  }

  func check(at values: [Tensor<Scalar>], directions: Int) -> GradientCheck {
    require(directions > 0, "checkGradients: directions \(directions) is not above 0")
    var generator = RandomGenerator(seed: seed)
    let cotangentSeed = generator.next()
    func cotangent(_ output: Tensor<Scalar>) -> Tensor<Scalar> {
      var generator = RandomGenerator(seed: cotangentSeed)
      return Tensor(normal: output.shape, using: &generator)
    }
    let (output, gradients) = function(values, cotangent)
    let weights = cotangent(output)
    let size = zip(output.elements, weights.elements).reduce(0.0) { $0 + Double($1.0 * $1.1).magnitude }

    /// Compares the finite difference along a direction of one tensor with what its gradient says.
    func compare(_ leaf: Int, _ direction: Tensor<Scalar>, position: [Int]? = nil) -> GradientCheck.Comparison {
      var (up, down) = (values, values)
      up[leaf].add(direction, scaledBy: step)
      down[leaf].add(direction, scaledBy: -step)
      let difference = function(up, cotangent).output.dot(weights) - function(down, cotangent).output.dot(weights)
      return GradientCheck.Comparison(
        name: names[leaf], position: position, gradient: gradients[leaf].dot(direction),
        finiteDifference: difference / (2 * Double(step)))
    }
    func agrees(_ comparison: GradientCheck.Comparison) -> Bool {
      guard comparison.error.isFinite else { return false }
      // Rounding leaves an error of a few ulp / step times the size of the function.
      let rounding = 10 * max(size, 1) * Double(Scalar.ulpOfOne) / Double(step)
      let scale = max(comparison.gradient.magnitude, comparison.finiteDifference.magnitude)
      return comparison.error <= tolerance * scale + rounding
    }

    var result = GradientCheck(tolerance: tolerance)
    for leaf in values.indices where values[leaf].count > 0 {
      for _ in 0..<directions {
        let comparison = compare(leaf, Tensor(normal: values[leaf].shape, using: &generator))
        result.directions.append(comparison)
        guard !agrees(comparison) else { continue }
        let worst = worstElement(of: gradients[leaf]) { direction, position in
          compare(leaf, direction, position: position)
        }
        if result.worst == nil || !(worst.error <= result.worst!.error) { result.worst = worst }
        break
      }
    }
    return result
  }

  /// The element with the largest error. In a large tensor, it is sought in the half that is off by more, until few
  /// elements are left.
  private func worstElement(
    of gradient: Tensor<Scalar>, _ compare: (Tensor<Scalar>, [Int]?) -> GradientCheck.Comparison
  ) -> GradientCheck.Comparison {
    let shape = gradient.shape
    func direction(_ range: Range<Int>) -> Tensor<Scalar> {
      var generator = RandomGenerator(seed: seed &+ UInt64(range.lowerBound))
      var direction = Tensor<Scalar>(zeros: shape)
      direction.withMutablePointer { direction in
        for offset in range { direction[offset] = range.count == 1 || Bool.random(using: &generator) ? 1 : -1 }
      }
      return direction
    }
    var range = 0..<shape.elementCount
    // A NaN or an infinite number spoils the sum along any direction, even where it is multiplied by 0.
    if let offset = gradient.elements.firstIndex(where: { !$0.isFinite }) { range = offset..<offset + 1 }
    while range.count > 256 {
      let middle = range.lowerBound + range.count / 2
      let halves = [range.lowerBound..<middle, middle..<range.upperBound]
      let errors = halves.map { compare(direction($0), nil).error }
      range = errors[0] >= errors[1] || errors[0].isNaN ? halves[0] : halves[1]
    }
    let comparisons = range.map { compare(direction($0..<$0 + 1), shape.position(of: $0)) }
    return comparisons.first { $0.error.isNaN } ?? comparisons.max { $0.error < $1.error }!
  }
}

extension Shape {
  /// The indices of the element at an offset in row-major order.
  fileprivate func position(of offset: Int) -> [Int] {
    var remaining = offset
    return indices.reversed().map { axis in
      defer { remaining /= self[axis] }
      return remaining % self[axis]
    }.reversed()
  }
}
