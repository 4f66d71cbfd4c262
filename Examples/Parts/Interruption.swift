import Foundation

/// Ctrl-C (SIGINT) and SIGTERM, as a program sees them that wants to finish what it does first.
///
/// From the beginning of the process on, they wait until they are asked for. Threads that begin later inherit that.
package struct Interruption: Error, CustomStringConvertible {
  private static let signals = [SIGINT, SIGTERM]

  package let description: String

  package init(_ description: String) { self.description = description }

  /// Has the signals wait.
  package static func postpone() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Whether one of them has come since.
  package static var isPending: Bool {
    var set = sigset_t()
    sigpending(&set)
    return signals.contains { sigismember(&set, $0) == 1 }
  }
}
