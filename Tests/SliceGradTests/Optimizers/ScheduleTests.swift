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

  @Test func custom() { #expect(Schedule { 1 / Double($0 + 1) }(3) == 0.25) }
}
