import Foundation

/// Lines on standard error that say how far the program is; on a terminal also within an epoch, several times a second.
package final class Progress {
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastUpdate = ContinuousClock.now

  package init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// A line that stays. It isn't made if it isn't shown.
  package func line(_ text: @autoclosure () -> String) {
    if !isQuiet { write((isTerminal ? "\r\u{1B}[K" : "") + text() + "\n") }
  }

  /// On a terminal, a line that the next one replaces; at most every 100 ms.
  package func update(_ text: String, done: Int, of total: Int) {
    guard !isQuiet, isTerminal else { return }
    let now = ContinuousClock.now
    guard now - lastUpdate > .milliseconds(100) else { return }
    lastUpdate = now
    write("\r\u{1B}[K\(text)  \(100 * done / max(total, 1)) %")
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}

extension Double {
  /// The number with this many digits after the point, the same in every language.
  package func formatted(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}

extension Duration {
  package var seconds: Double { self / .seconds(1) }
}
