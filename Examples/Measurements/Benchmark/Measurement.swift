import AllocationCounter
import MeasurementParts

/// The time of a case's step and the memory that it took.
struct Measurement {
  /// The median of the blocks' times of a step.
  let microseconds: Double
  /// That of the fastest block.
  let fastest: Double
  /// The largest amount of memory that the process has held so far.
  let peakBytes: Int
  let stateBytes: Int?
  /// Blocks of memory asked for in a step, on average; nil where they aren't counted.
  let allocations: Double?

  /// Prepares, checks and times a case.
  init(of benchmarkCase: Case) throws {
    let prepared: PreparedCase
    do {
      prepared = try benchmarkCase.prepare()
    } catch let failure as CheckFailure {
      throw CheckFailure(description: "\(benchmarkCase.name): \(failure)")
    }
    let times = Self.blockTimes(of: prepared).sorted()
    microseconds = times[times.count / 2]
    fastest = times[0]
    peakBytes = Machine.peakByteCount
    stateBytes = prepared.stateBytes
    allocations = Self.allocations(of: prepared.step)
  }

  /// The time of a step in microseconds, in each of 7 blocks of about 0.15 s, after a warm-up.
  private static func blockTimes(of prepared: PreparedCase) -> [Double] {
    let step = prepared.step
    step()
    let estimate = microseconds(of: step, repetitions: 1)
    let repetitions = max(1, Int(150_000 / max(estimate, 0.1)))
    _ = microseconds(of: step, repetitions: min(repetitions, 50))
    return (0..<7).map { _ in
      prepared.restart()
      step()
      return microseconds(of: step, repetitions: repetitions)
    }
  }

  private static func microseconds(of step: () -> Void, repetitions: Int) -> Double {
    let time = ContinuousClock().measure {
      for _ in 0..<repetitions { step() }
    }
    return time / .microseconds(1) / Double(repetitions)
  }

  private static func allocations(of step: () -> Void, repetitions: Int = 10) -> Double? {
    let before = allocationCount()
    for _ in 0..<repetitions { step() }
    return before < 0 ? nil : Double(allocationCount() - before) / Double(repetitions)
  }
}
