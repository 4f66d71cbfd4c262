import SliceGrad
import Testing

@Suite struct ScheduleTests {
  @Test func constant() {
    #expect([0, 1, 1000].map { Schedule.constant()($0) } == [1, 1, 1])
    #expect(Schedule.constant(0.25)(7) == 0.25)
  }

  @Test func step() {
    #expect((0..<7).map { Schedule.step(every: 3, factor: 0.5)($0) } == [1, 1, 1, 0.5, 0.5, 0.5, 0.25])
  }

  @Test func exponential() {
    #expect((0..<4).map { Schedule.exponential(factor: 0.5)($0) } == [1, 0.5, 0.25, 0.125])
  }

  @Test func linear() {
    #expect((0..<7).map { Schedule.linear(from: 0, to: 2, steps: 4)($0) } == [0, 0.5, 1, 1.5, 2, 2, 2])
  }

  @Test func cosine() {
    let schedule = Schedule.cosine(steps: 4, minimum: 0.5)
    let expected = [1, 0.75 + 0.25 * 0.5.squareRoot(), 0.75, 0.75 - 0.25 * 0.5.squareRoot(), 0.5, 0.5]
    for (step, factor) in expected.enumerated() { #expect(abs(schedule(step) - factor) < 1e-15) }
  }

  @Test func warmUp() {
    #expect((0..<6).map { Schedule.warmUp(steps: 4)($0) } == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  /// As `torch.optim.lr_scheduler.OneCycleLR` with a `max_lr` of 1 gives it.
  @Test(arguments: [
    (
      10, 0.3,
      [
        0.040000000000000036, 0.52, 1, 0.9504846320134737, 0.8117456539497631, 0.6112620219362893,
        0.38874197806371075, 0.18825834605023697, 0.049519367986526286, 4e-06,
      ]
    ),
    (
      20, 0.5,
      [
        0.040000000000000036, 0.06894754202276399, 0.15229866730289066, 0.28, 0.43664887471987335, 0.6033511252801266,
        0.76, 0.8877013326971094, 0.9710524579772359, 1, 0.9755283560345442, 0.904508879153485, 0.793893450575732,
        0.654509879153485, 0.500002, 0.3454941208465151, 0.20611054942426807, 0.09549512084651508,
        0.024475643965455825, 4e-06,
      ]
    ),
  ])
  func oneCycle(steps: Int, risingShare: Double, expected: [Double]) {
    let schedule = Schedule.oneCycle(steps: steps, risingShare: risingShare)
    for (step, factor) in expected.enumerated() { #expect(abs(schedule(step) - factor) < 1e-15, "step \(step)") }
    #expect(schedule(steps + 100) == schedule(steps - 1))
  }

  /// Only up, or only down.
  @Test func oneCycleAtItsEnds() {
    let (up, down) = (Schedule.oneCycle(steps: 5, risingShare: 1), Schedule.oneCycle(steps: 5, risingShare: 0))
    #expect(abs(up(0) - 0.04) < 1e-15 && up(4) == 1 && up(9) == 1)
    #expect(down(0) < 1 && abs(down(4) - 4e-6) < 1e-15)
  }

  @Test func oneAfterTheOther() {
    let schedule = Schedule.warmUp(steps: 2).then(.constant(0.5), after: 2).then(.exponential(factor: 0.5), after: 4)
    #expect((0..<7).map { schedule($0) } == [0.5, 1, 0.5, 0.5, 1, 0.5, 0.25])
  }

  @Test func descriptions() {
    #expect("\(Schedule.constant())" == "constant(1.0)")
    #expect("\(Schedule.step(every: 3, factor: 0.5))" == "step(every: 3, factor: 0.5)")
    #expect("\(Schedule.exponential(factor: 0.5))" == "exponential(factor: 0.5)")
    #expect("\(Schedule.linear(from: 1, to: 0, steps: 9))" == "linear(from: 1.0, to: 0.0, steps: 9)")
    let composed = Schedule.warmUp(steps: 2).then(.cosine(steps: 8), after: 2)
    #expect("\(composed)" == "warmUp(steps: 2).then(cosine(steps: 8, minimum: 0.0), after: 2)")
    #expect(
      "\(Schedule.oneCycle(steps: 9))"
        == "oneCycle(steps: 9, risingShare: 0.3, initialDivisor: 25.0, finalDivisor: 10000.0)")
    #expect("\(Schedule("halves") { 1 / Double($0 + 1) })" == "halves")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Schedule: step -1 is negative") { _ = Schedule.constant()(-1) },
    ProgrammingError("Schedule.constant: factor -1.0, expected 0 or more") { _ = Schedule.constant(-1) },
    ProgrammingError("Schedule.step: factor -0.5, expected 0 or more") { _ = Schedule.step(every: 1, factor: -0.5) },
    ProgrammingError("Schedule.exponential: factor inf, expected 0 or more") {
      _ = Schedule.exponential(factor: .infinity)
    },
    ProgrammingError("Schedule.cosine: minimum nan, expected 0 or more") {
      _ = Schedule.cosine(steps: 1, minimum: .nan)
    },
    ProgrammingError("Schedule.linear: to -1.0, expected 0 or more") { _ = Schedule.linear(from: 1, to: -1, steps: 1) },
    ProgrammingError("Schedule.step: every 0 is not above 0") { _ = Schedule.step(every: 0, factor: 1) },
    ProgrammingError("Schedule.cosine: steps 0 is not above 0") { _ = Schedule.cosine(steps: 0) },
    ProgrammingError("Schedule.linear: steps 0 is not above 0") { _ = Schedule.linear(from: 1, to: 0, steps: 0) },
    ProgrammingError("Schedule.warmUp: steps 0 is not above 0") { _ = Schedule.warmUp(steps: 0) },
    ProgrammingError("Schedule.oneCycle: steps 1 is not above 1") { _ = Schedule.oneCycle(steps: 1) },
    ProgrammingError("Schedule.oneCycle: risingShare 1.5 is not in 0...1") {
      _ = Schedule.oneCycle(steps: 9, risingShare: 1.5)
    },
    ProgrammingError("Schedule.oneCycle: initialDivisor 0.5 is below 1") {
      _ = Schedule.oneCycle(steps: 9, initialDivisor: 0.5)
    },
    ProgrammingError("Schedule.oneCycle: finalDivisor 0.5 is below 1") {
      _ = Schedule.oneCycle(steps: 9, finalDivisor: 0.5)
    },
    ProgrammingError("Schedule.then: after -1 steps, expected 0 or more") {
      _ = Schedule.constant().then(.constant(), after: -1)
    },
  ]

  @Test func custom() { #expect(Schedule("inverse") { 1 / Double($0 + 1) }(3) == 0.25) }
}
