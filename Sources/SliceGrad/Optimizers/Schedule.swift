import SliceGradKernels

/// How the learning rate changes: a plain function from the step, 0, 1, 2, …, to what multiplies the rules' learning
/// rates.
///
///     let schedule = Schedule.linear(from: 1, to: 0, steps: 1000)
///     for step in 0..<1000 {
///       …
///       optimizer.update(&model, with: gradients, learningRateFactor: schedule(step))
///     }
public struct Schedule: Sendable, CustomStringConvertible {
  /// How it was made: "warmUp(steps: 100).then(cosine(steps: 900, minimum: 0.0), after: 100)". A checkpoint keeps it,
  /// to refuse another schedule.
  public let description: String

  private let factor: @Sendable (_ step: Int) -> Double

  /// A schedule given by its function, and a description by which a checkpoint knows it again.
  public init(_ description: String, _ factor: @escaping @Sendable (_ step: Int) -> Double) {
    self.description = description
    self.factor = factor
  }

  /// The factor of a step. Traps on negative steps.
  public func callAsFunction(_ step: Int) -> Double {
    require(step >= 0, "Schedule: step \(step) is negative")
    return factor(step)
  }

  /// 1, or another number, in every step.
  public static func constant(_ factor: Double = 1) -> Schedule {
    check(factor, "constant: factor")
    return Schedule("constant(\(factor))") { _ in factor }
  }

  /// factor^⌊step / length⌋: a staircase. Traps unless the length is positive.
  public static func step(every length: Int, factor: Double) -> Schedule {
    require(length > 0, "Schedule.step: every \(length) is not above 0")
    check(factor, "step: factor")
    return Schedule("step(every: \(length), factor: \(factor))") { pow(factor, Double($0 / length)) }
  }

  /// factorˢᵗᵉᵖ
  public static func exponential(factor: Double) -> Schedule {
    check(factor, "exponential: factor")
    return Schedule("exponential(factor: \(factor))") { pow(factor, Double($0)) }
  }

  /// From 1 down to the factor `minimum` along half a cosine in `steps` steps, and `minimum` from then on. Traps unless
  /// there are steps.
  ///
  /// Source: Loshchilov and Hutter, “SGDR: Stochastic Gradient Descent with Warm Restarts” (2017), equation 5.
  public static func cosine(steps: Int, minimum: Double = 0) -> Schedule {
    require(steps > 0, "Schedule.cosine: steps \(steps) is not above 0")
    check(minimum, "cosine: minimum")
    return Schedule("cosine(steps: \(steps), minimum: \(minimum))") {
      halfCosine(from: 1, to: minimum, at: Double($0) / Double(steps))
    }
  }

  /// From one factor to another on a line in `steps` steps, and the last one from then on.
  public static func linear(from start: Double, to end: Double, steps: Int) -> Schedule {
    require(steps > 0, "Schedule.linear: steps \(steps) is not above 0")
    check(start, "linear: from")
    check(end, "linear: to")
    return Schedule("linear(from: \(start), to: \(end), steps: \(steps))") {
      start + (end - start) * min(Double($0) / Double(steps), 1)
    }
  }

  /// From 1 / steps up to 1 on a line in `steps` steps, and 1 from then on: the first step already moves.
  public static func warmUp(steps: Int) -> Schedule {
    require(steps > 0, "Schedule.warmUp: steps \(steps) is not above 0")
    return Schedule("warmUp(steps: \(steps))") { min(Double($0 + 1) / Double(steps), 1) }
  }

  /// One cycle: up from 1 / `initialDivisor` to 1 in the first part of the steps, then down to
  /// 1 / (`initialDivisor` · `finalDivisor`), which stays; both along half a cosine. It is PyTorch's `OneCycleLR` with
  /// its defaults, where 1 stands for `max_lr`.
  ///
  /// Source: Smith and Topin, “Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates”
  /// (2018).
  ///
  /// - Parameter risingShare: the part of the steps that goes up, in `0...1`.
  public static func oneCycle(
    steps: Int, risingShare: Double = 0.3, initialDivisor: Double = 25, finalDivisor: Double = 1e4
  ) -> Schedule {
    require(steps > 1, "Schedule.oneCycle: steps \(steps) is not above 1")
    require((0...1).contains(risingShare), "Schedule.oneCycle: risingShare \(risingShare) is not in 0...1")
    require(initialDivisor >= 1, "Schedule.oneCycle: initialDivisor \(initialDivisor) is below 1")
    require(finalDivisor >= 1, "Schedule.oneCycle: finalDivisor \(finalDivisor) is below 1")
    let (start, end) = (1 / initialDivisor, 1 / (initialDivisor * finalDivisor))
    let (peak, last) = (risingShare * Double(steps) - 1, Double(steps - 1))
    let description =
      "oneCycle(steps: \(steps), risingShare: \(risingShare), initialDivisor: \(initialDivisor), "
      + "finalDivisor: \(finalDivisor))"
    return Schedule(description) { step in
      Double(step) < peak
        ? halfCosine(from: start, to: 1, at: Double(step) / peak)
        : halfCosine(from: 1, to: end, at: last > peak ? (Double(step) - peak) / (last - peak) : 0)
    }
  }

  /// This schedule for some steps, and then another one, which starts at its own step 0.
  ///
  ///     Schedule.warmUp(steps: 100).then(.cosine(steps: 900), after: 100)
  public func then(_ next: Schedule, after steps: Int) -> Schedule {
    require(steps >= 0, "Schedule.then: after \(steps) steps, expected 0 or more")
    return Schedule("\(self).then(\(next), after: \(steps))") { $0 < steps ? self($0) : next($0 - steps) }
  }

  private static func check(_ factor: Double, _ name: String) {
    require(factor >= 0 && factor.isFinite, "Schedule.\(name) \(factor), expected 0 or more")
  }
}

/// From one factor at position 0 to another at position 1, and the last one from then on.
private func halfCosine(from start: Double, to end: Double, at position: Double) -> Double {
  end + (start - end) * (1 + cos(.pi * min(max(position, 0), 1))) / 2
}
