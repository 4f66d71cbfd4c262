import Testing

@testable import SliceGradMPI

@Suite struct WaitingTests {
  /// A process that was stopped between two looks has waited for a second, however long it was stopped.
  @Test func aStoppedProcessHasNotWaited() {
    var waiting = Waiting()
    let passes: [(of: Duration, elapsed: Duration)] = [
      (.milliseconds(2), .milliseconds(2)), (.seconds(3600), .milliseconds(1002)), (.seconds(1), .milliseconds(2002)),
      (.seconds(86_400), .milliseconds(3002)), (.milliseconds(999), .milliseconds(4001)),
    ]
    for (duration, elapsed) in passes {
      #expect(waiting.pass(to: waiting.last + duration) == (duration > .milliseconds(2)))
      #expect(waiting.elapsed == elapsed)
    }
  }

  /// It is time to listen whenever another hundredth of a second has passed.
  @Test func everyHundredthOfASecond() {
    var waiting = Waiting()
    let times = (1...100).filter { _ in waiting.pass(to: waiting.last + .milliseconds(3)) }
    #expect(times.map { $0 * 3 / 10 } == Array(1...30))
    #expect(waiting.elapsed == .milliseconds(300))
  }

  /// Pauses take as long as the clock says.
  @Test func pausesTakeTime() {
    let start = SuspendingClock.now
    var (waiting, times) = (Waiting(), 0)
    while waiting.elapsed < .milliseconds(50) { times += waiting.pause() ? 1 : 0 }
    #expect(waiting.elapsed <= SuspendingClock.now - start)
    #expect((1...5).contains(times))
  }
}
