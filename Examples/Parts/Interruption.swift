import Foundation

/// A program that was asked to end, by Ctrl-C (SIGINT), SIGTERM or the end of its terminal (SIGHUP), and has finished
/// what it did first.
package struct Interruption: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

extension Interruption {
  /// Those that the program doesn't ignore from its start: `nohup` has SIGHUP ignored, and a shell without job control
  /// has SIGINT ignored by what runs in its background. A signal that is blocked would wait all the same.
  private static let signals = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// From now on, the signals wait until they are asked for. Threads that begin later inherit that: call it before any
  /// work is shared.
  package static func postpone() { change(SIG_BLOCK) }

  /// From now on, they end the program at once again, also one that waits.
  package static func allow() { change(SIG_UNBLOCK) }

  /// Whether one of them waits.
  package static var isPending: Bool {
    var set = sigset_t()
    sigpending(&set)
    return signals.contains { sigismember(&set, $0) == 1 }
  }

  private static func change(_ how: Int32) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(how, &set, nil)
  }
}
