import Foundation

/// Lines on standard error that say how far the program is; on a terminal also within an epoch, several times a second.
package final class Progress {
  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastUpdate = ContinuousClock.now
  private let start = ContinuousClock.now
  private var pace = Pace()

  package init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// A line that stays. It isn't made if it isn't shown.
  package func line(_ text: @autoclosure () -> String) {
    if !isQuiet { write((isTerminal ? Terminal.emptyLine : "") + text() + "\n") }
  }

  /// On a terminal, a line that the next one replaces: the epoch of all, how much of it is done, examples a second and
  /// the time that is left for all epochs. To be called after each step; it shows something at most every 100 ms.
  ///
  /// - Parameters:
  ///   - epoch: the epoch, from 1.
  ///   - epochs: how many there are.
  ///   - done: how many examples of this epoch the steps have had so far.
  ///   - total: how many it has.
  ///   - unit: what is counted.
  package func update(epoch: Int, of epochs: Int, done: Int, of total: Int, unit: String = "examples") {
    guard !isQuiet, isTerminal else { return }
    let now = ContinuousClock.now
    pace.note(Pace.Place(epoch: epoch, epochs: epochs, done: done, total: total), at: now - start)
    guard now - lastUpdate > .milliseconds(100) else { return }
    lastUpdate = now
    write(Terminal.emptyLine + pace.line(unit: unit, columns: Terminal.columns - 1))
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}

extension Double {
  /// The number with this many digits after the point, the same in every language. One of a billion or more has four
  /// digits in all and a power of ten.
  package func formatted(digits: Int) -> String {
    String(format: abs(self) < 1e9 ? "%.\(digits)f" : "%.4g", self)
  }
}

extension Duration {
  package var seconds: Double { self / .seconds(1) }
}
