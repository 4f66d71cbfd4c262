/// What carries the messages of one rank: nothing for one process, mailboxes for threads, MPI for many processes.
///
/// A rank begins a collective, asks whether it has ended until it has, and then begins the next.
protocol Transport: AnyObject {
  var rank: Int { get }
  var count: Int { get }

  /// Begins a collective, without waiting for others.
  func begin(_ collective: Collective) throws(TransportProblem)
  /// Whether the collective that was begun last has ended for this rank, which then may use what came.
  func hasEnded() throws(TransportProblem) -> Bool

  /// Sends a last word to another rank, beside all collectives, without waiting.
  func say(_ word: LastWord, to other: Int)
  /// A last word of another rank that hasn't been heard before, if there is one.
  func hear(from other: Int) -> LastWord?

  /// Takes notice of the number of the training step, for messages.
  func enter(step: Int)

  /// Leaves in good order. All ranks have said that they do.
  func leave(within deadline: Duration)
  /// Prints a line and ends all ranks, if they are processes: then it doesn't return. Without a line, another rank
  /// prints one and ends them.
  func abort(saying line: String?)
}

/// What is wrong with a collective, as a transport sees it.
struct TransportProblem: Error {
  let text: String
}

/// What a rank tells all others when no collective of its will follow.
struct LastWord: BitwiseCopyable, Equatable {
  enum Reason: Int {
    /// It has ended in good order.
    case ended
    /// It no longer waits.
    case gaveUp
    /// Its program threw an error.
    case failed
  }
  let reason: Reason
  /// How many collectives it has begun. The last one is of this kind.
  let collectives: Int
  let kind: CollectiveKind
  let step: Int
}
