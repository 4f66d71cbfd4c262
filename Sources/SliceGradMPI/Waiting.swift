import Foundation

/// Waits for other ranks: at first it only looks again, which is fastest if they are about to come; then it lets others
/// have the processor; then it sleeps. MPI's own waiting would keep a processor busy, and with more ranks than
/// processors those that are waited for need it.
struct Waiting {
  private(set) var elapsed = Duration.zero
  private(set) var last = SuspendingClock.now

  /// Lets a moment pass. Returns true about once every hundredth of a second.
  mutating func pause() -> Bool {
    if elapsed > .milliseconds(1) {
      let pause = min(max(elapsed / 16, .microseconds(50)), .milliseconds(1))
      usleep(UInt32(pause / .microseconds(1)))
    } else if elapsed > .microseconds(20) {
      sched_yield()
    }
    return pass(to: .now)
  }

  /// Lets the time pass to this moment. Returns what `pause` does.
  mutating func pass(to now: SuspendingClock.Instant) -> Bool {
    let before = elapsed
    // A process that was stopped itself hasn't waited that long for others.
    elapsed += min(now - last, .seconds(1))
    last = now
    return Int(before / .milliseconds(10)) != Int(elapsed / .milliseconds(10))
  }
}
