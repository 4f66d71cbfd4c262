/// A function and its gradients on lines through a point: does the one rise as the others say?
///
/// From x − h u to x + h u a function rises by the integral of its gradient. Simpson's rule takes that from the
/// gradients at the middle and at the ends, which are there anyway, with an error that falls with h⁴. A step is too
/// long where the gradient at the middle and the mean of those at the ends are far apart. At a kink they stay apart
/// however short it is; there the two ends alone are right.
struct GradientLine<Scalar: TensorScalar> {
  struct Point {
    let input, output, gradient: Tensor<Scalar>
  }

  /// What a step of one length shows, along a direction.
  struct Reading {
    let step: Double
    /// The gradient's part in the direction.
    let gradient: Double
    /// How fast the function rises, if it bends as the gradients say.
    let slope: Double
    /// The size of the gradient in that direction: that of its elements' contributions, which may cancel.
    let scale: Double
    /// How much of the slope may be rounding error: that of the output's last digits.
    let rounding: Double
    /// How far the gradient at the middle is from the mean of those at the ends.
    let bend: Double
    /// Whether the function has a kink where the gradient has one.
    let isAtKink: Bool
    /// Whether the output didn't change.
    let isStill: Bool
    /// The largest error that the difference itself may have.
    var uncertainty: Double

    var error: Double { slope - gradient }

    /// Whether the gradient may be right. A slope that is uncertain by more than a quarter proves nothing.
    func agrees(_ tolerance: Double) -> Bool {
      error.isFinite && (error.magnitude <= tolerance * scale + uncertainty || uncertainty > scale / 4)
    }
  }

  let middle: Point
  /// Those of the output's elements in the function's value.
  let weights: Tensor<Scalar>
  let tolerance: Double
  let firstStep: Double
  /// The function's output and gradient at another point.
  let point: (_ input: Tensor<Scalar>) -> Point

  /// The reading of the step that can be trusted most: the first one if it agrees, otherwise one among shorter and
  /// longer ones. nil if the function isn't finite at any of them.
  func reading(along direction: Tensor<Scalar>) -> Reading? {
    guard middle.gradient.isFinite else { return reading(along: direction, step: firstStep) }
    var readings: [Reading] = []
    let shorter = (0...24).map { -$0 }
    for exponents in [shorter, Array(1...10)] {
      for exponent in exponents {
        let step = firstStep * Double(sign: .plus, exponent: 2 * exponent, significand: 1)
        guard let reading = reading(along: direction, step: step) else { continue }
        if reading.rounding <= tolerance * reading.scale && reading.agrees(tolerance) { return reading }
        readings.append(reading)
        // Shorter ones are lost in rounding, longer ones are too long.
        if exponent <= 0 ? reading.rounding > reading.scale : reading.bend > reading.scale / 4 { break }
      }
    }
    // An output that stays although it should change, and does at a longer step, is held by rounding.
    if !readings.allSatisfy(\.isStill) { readings.removeAll { $0.isStill && $0.error.magnitude > $0.rounding } }
    readings.sort { $0.step > $1.step }
    for i in readings.indices {
      let neighbors = readings[max(i - 1, 0)..<min(i + 3, readings.count)]
      let changes = neighbors.map { ($0.error - readings[i].error).magnitude }
      readings[i].uncertainty += 4 * (changes.max() ?? 0) + (readings[i].isAtKink ? 0 : readings[i].bend)
    }
    return readings.dropLast(readings.count > 2 ? 2 : 0).min {
      $0.uncertainty / $0.scale < $1.uncertainty / $1.scale
    }
  }

  /// What one step to either side shows, or to one side if the function isn't finite on the other. nil if it isn't
  /// on both, or if the step is below the precision of the numbers that it is added to.
  func reading(along direction: Tensor<Scalar>, step: Double) -> Reading? {
    let move = direction * Scalar(step)
    guard (middle.input + move - middle.input - move).squaredNorm <= move.squaredNorm / 16 else { return nil }
    /// An end of the step, unless the function isn't finite there, or has no gradient as it has in the middle.
    func end(_ input: Tensor<Scalar>) -> Point? {
      let end = point(input)
      return end.output.isFinite && (end.gradient.isFinite || !middle.gradient.isFinite) ? end : nil
    }
    let (below, above) = (end(middle.input - move), end(middle.input + move))
    guard below != nil || above != nil else { return nil }
    let (from, to, isOneSided) = (below ?? middle, above ?? middle, below == nil || above == nil)
    let length = isOneSided ? step : 2 * step

    // What was added is a little off the step, by rounding; what the points are apart is exact.
    let apart = to.input - from.input
    let rise = (to.output - from.output).dot(weights) / length
    let byMiddle = apart.dot(middle.gradient) / length
    let meanOfEnds = (from.gradient + to.gradient) / 2
    let byEnds = apart.dot(meanOfEnds) / length

    let gradient = middle.gradient.dot(direction)
    let bend = (byEnds - byMiddle).magnitude
    let size = max(middle.gradient.weightedNorm(direction), rise.magnitude)
    let rounding = 10 * Double(Scalar.ulpOfOne) * middle.output.weightedNorm(weights) / length
    let bySimpson = (2 * byMiddle + byEnds) / 3
    let isBent = step <= firstStep && bend > max(tolerance, 10 * step * step) * size
    let isAtKink = !isOneSided && isBent && (rise - bySimpson).magnitude > tolerance * size + rounding
    let isByEnds = isOneSided || isAtKink
    let predicted = isByEnds ? byEnds : bySimpson
    return Reading(
      step: step, gradient: gradient, slope: gradient.isFinite ? gradient + (rise - predicted) : rise,
      scale: isByEnds ? max(meanOfEnds.weightedNorm(direction), rise.magnitude) : size, rounding: rounding, bend: bend,
      isAtKink: isAtKink, isStill: rise == 0, uncertainty: rounding)
  }
}

extension Tensor {
  /// The Euclidean norm of the elements times those of another tensor.
  fileprivate func weightedNorm(_ weights: Tensor) -> Double { (self * weights).squaredNorm.squareRoot() }
}
