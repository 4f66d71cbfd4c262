/// The transport of a rank that is a thread: it copies all that it sends into mailboxes.
final class ThreadRank: Transport {
  let rank: Int
  private let mailboxes: Mailboxes
  private var collective = Collective.barrier
  /// The ranks whose messages haven't come.
  private var awaited: [Int] = []

  init(rank: Int, mailboxes: Mailboxes) {
    self.rank = rank
    self.mailboxes = mailboxes
  }

  var count: Int { mailboxes.count }

  func begin(_ collective: Collective) {
    self.collective = collective
    awaited = (0..<count).filter { collective.incoming(from: $0, to: rank) != nil }
    for other in 0..<count {
      guard let bytes = collective.outgoing(to: other, from: rank) else { continue }
      mailboxes.leave(Mailboxes.Message(kind: collective.kind, bytes: Array(bytes)), for: other, from: rank)
    }
  }

  func hasEnded() throws(TransportProblem) -> Bool {
    while let other = awaited.last, let message = mailboxes.takeMessage(for: rank, from: other) {
      let place = collective.incoming(from: other, to: rank)!
      guard message.kind == collective.kind, message.bytes.count == place.count else {
        throw TransportProblem(
          text: "rank \(other) sent \(message.bytes.count) bytes of \(message.kind.name), expected \(place.count)")
      }
      place.copyBytes(from: message.bytes)
      awaited.removeLast()
    }
    return awaited.isEmpty
  }

  func say(_ word: LastWord, to other: Int) { mailboxes.leave(word, for: other, from: rank) }
  func hear(from other: Int) -> LastWord? { mailboxes.takeWord(for: rank, from: other) }
  func enter(step: Int) {}
  func leave(within deadline: Duration) {}
  func abort(saying line: String?) {}
}
