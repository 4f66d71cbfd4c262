import SliceGradKernels

/// How the learning rate changes: a plain function from the step, 0, 1, 2, …, to what multiplies the rules' learning
/// rates.
///
///     let schedule = Schedule.linear(from: 1, to: 0, steps: 1000)
///     for step in 0..<1000 {
///       …
///       optimizer.update(&model, with: gradients, learningRateFactor: schedule(step))
///     }
public struct Schedule: Sendable {
  private let factor: @Sendable (_ step: Int) -> Double

  /// A schedule given by its function.
  public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) { self.factor = factor }

  /// The factor of a step. Traps on negative steps.
  public func callAsFunction(_ step: Int) -> Double {
    require(step >= 0, "Schedule: step \(step) is negative")
    return factor(step)
  }

  /// 1, or another number, in every step.
  public static func constant(_ factor: Double = 1) -> Schedule { Schedule { _ in factor } }

  /// factor^⌊step / length⌋: a staircase. Traps unless the length is positive.
  public static func step(every length: Int, factor: Double) -> Schedule {
    require(length > 0, "Schedule.step: every \(length) is not above 0")
    return Schedule { pow(factor, Double($0 / length)) }
  }

  /// factorˢᵗᵉᵖ
  public static func exponential(factor: Double) -> Schedule { Schedule { pow(factor, Double($0)) } }

  /// From 1 down to the factor `minimum` along half a cosine in `steps` steps, which stays then (Loshchilov and Hutter
  /// 2017).
  public static func cosine(steps: Int, minimum: Double = 0) -> Schedule {
    require(steps > 0, "Schedule.cosine: steps \(steps) is not above 0")
    return Schedule { minimum + (1 - minimum) * (1 + cos(.pi * min(Double($0) / Double(steps), 1))) / 2 }
  }

  /// From one factor to another on a line in `steps` steps, and the last one from then on.
  public static func linear(from start: Double, to end: Double, steps: Int) -> Schedule {
    require(steps > 0, "Schedule.linear: steps \(steps) is not above 0")
    return Schedule { start + (end - start) * min(Double($0) / Double(steps), 1) }
  }
}
