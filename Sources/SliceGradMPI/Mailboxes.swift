import Foundation

/// Where the ranks of ``Communicator/threads(_:deadline:_:)`` leave messages for one another.
final class Mailboxes: Sendable {
  struct Message {
    let kind: CollectiveKind
    let bytes: [UInt8]
  }

  let count: Int
  private let lock = NSLock()
  // Both are guarded by `lock`: what lies there for a rank, by its sender, the oldest first.
  nonisolated(unsafe) private var messages: [[[Message]]]
  nonisolated(unsafe) private var words: [[[LastWord]]]

  init(count: Int) {
    self.count = count
    messages = Array(repeating: Array(repeating: [], count: count), count: count)
    words = Array(repeating: Array(repeating: [], count: count), count: count)
  }

  func leave(_ message: Message, for receiver: Int, from sender: Int) {
    lock.withLock { messages[receiver][sender].append(message) }
  }

  func takeMessage(for receiver: Int, from sender: Int) -> Message? {
    lock.withLock { messages[receiver][sender].isEmpty ? nil : messages[receiver][sender].removeFirst() }
  }

  func leave(_ word: LastWord, for receiver: Int, from sender: Int) {
    lock.withLock { words[receiver][sender].append(word) }
  }

  func takeWord(for receiver: Int, from sender: Int) -> LastWord? {
    lock.withLock { words[receiver][sender].isEmpty ? nil : words[receiver][sender].removeFirst() }
  }
}
