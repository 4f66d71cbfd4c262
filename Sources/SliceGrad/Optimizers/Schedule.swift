import SliceGradKernels

/// How the learning rate changes: a plain function from the step, 0, 1, 2, …, to the factor by which the rules'
/// learning rates are multiplied.
///
///     let schedule = Schedule.linear(from: 1, to: 0, steps: 1000)
///     print(schedule, schedule(250))  // linear(from: 1.0, to: 0.0, steps: 1000) 0.75
///     optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
public struct Schedule: Sendable, CustomStringConvertible {
  /// How it was made: "warmUp(steps: 100).then(cosine(steps: 900, minimum: 0.0), after: 100)". A checkpoint saves it,
  /// and refuses another schedule.
  public let description: String

  private let factor: @Sendable (_ step: Int) -> Double

  /// A schedule given by its function, and by a description that tells checkpoints of different schedules apart.
  ///
  ///     let schedule = Schedule("inverse square root") { step in 1 / Double(step + 1).squareRoot() }
  ///     print(schedule(3))  // 0.5
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
  ///
  ///     print(Schedule.constant()(1000))  // 1.0
  public static func constant(_ factor: Double = 1) -> Schedule {
    check(factor, "constant: factor")
    return Schedule("constant(\(factor))") { _ in factor }
  }

  /// factor^⌊step / length⌋: a staircase. Traps unless the length is above 0.
  ///
  ///     let schedule = Schedule.step(every: 2, factor: 0.5)
  ///     print((0..<5).map { schedule($0) })  // [1.0, 1.0, 0.5, 0.5, 0.25]
  public static func step(every length: Int, factor: Double) -> Schedule {
    require(length > 0, "Schedule.step: every \(length) is not above 0")
    check(factor, "step: factor")
    return Schedule("step(every: \(length), factor: \(factor))") { pow(factor, Double($0 / length)) }
  }

  /// factorˢᵗᵉᵖ
  ///
  ///     let schedule = Schedule.exponential(factor: 0.5)
  ///     print((0..<4).map { schedule($0) })  // [1.0, 0.5, 0.25, 0.125]
  public static func exponential(factor: Double) -> Schedule {
    check(factor, "exponential: factor")
    return Schedule("exponential(factor: \(factor))") { pow(factor, Double($0)) }
  }

  /// From 1 down to the factor `minimum` along half a cosine over `steps` steps, and `minimum` from then on. Traps
  /// unless `steps` is above 0.
  ///
  /// factor = minimum + (1 − minimum) (1 + cos(π step / steps)) / 2
  ///
  ///     let schedule = Schedule.cosine(steps: 2, minimum: 0.5)
  ///     print((0..<4).map { schedule($0) })  // [1.0, 0.75, 0.5, 0.5]
  ///
  /// Source: Loshchilov and Hutter, “SGDR: Stochastic Gradient Descent with Warm Restarts” (2017), equation 5.
  public static func cosine(steps: Int, minimum: Double = 0) -> Schedule {
    require(steps > 0, "Schedule.cosine: steps \(steps) is not above 0")
    check(minimum, "cosine: minimum")
    return Schedule("cosine(steps: \(steps), minimum: \(minimum))") {
      halfCosine(from: 1, to: minimum, at: Double($0) / Double(steps))
    }
  }

  /// From one factor to another on a line over `steps` steps, and the last one from then on. Traps unless `steps` is
  /// above 0.
  ///
  ///     let schedule = Schedule.linear(from: 1, to: 0, steps: 4)
  ///     print((0..<6).map { schedule($0) })  // [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
  public static func linear(from start: Double, to end: Double, steps: Int) -> Schedule {
    require(steps > 0, "Schedule.linear: steps \(steps) is not above 0")
    check(start, "linear: from")
    check(end, "linear: to")
    return Schedule("linear(from: \(start), to: \(end), steps: \(steps))") {
      start + (end - start) * min(Double($0) / Double(steps), 1)
    }
  }

  /// (step + 1) / steps, and 1 from then on: a line that starts above 0, so that the first step already moves. Traps
  /// unless `steps` is above 0.
  ///
  ///     let schedule = Schedule.warmUp(steps: 4)
  ///     print((0..<5).map { schedule($0) })  // [0.25, 0.5, 0.75, 1.0, 1.0]
  ///
  /// Source: Goyal et al., “Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour” (2017), section 2.2.
  public static func warmUp(steps: Int) -> Schedule {
    require(steps > 0, "Schedule.warmUp: steps \(steps) is not above 0")
    return Schedule("warmUp(steps: \(steps))") { min(Double($0 + 1) / Double(steps), 1) }
  }

  /// One cycle: up from 1 / `initialDivisor` to 1 in the first part of the steps, then down to
  /// 1 / (`initialDivisor` · `finalDivisor`), where it stays; both along half a cosine. It is PyTorch's `OneCycleLR`
  /// with its defaults, where 1 stands for `max_lr`.
  ///
  ///     let schedule = Schedule.oneCycle(steps: 10, initialDivisor: 4)
  ///     print(schedule(0), schedule(2), schedule(9))  // 0.25 1.0 2.5e-05
  ///
  /// Source: Smith and Topin, “Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates”
  /// (2018).
  ///
  /// - Parameters:
  ///   - steps: of the whole cycle, above 1.
  ///   - risingShare: the part of the steps that goes up, in `0...1`.
  ///   - initialDivisor: what 1 is divided by at the beginning.
  ///   - finalDivisor: what the first factor is divided by at the end.
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
  ///     let schedule = Schedule.warmUp(steps: 2).then(.cosine(steps: 2), after: 3)
  ///     print((0..<6).map { schedule($0) })  // [0.5, 1.0, 1.0, 1.0, 0.5, 0.0]
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
