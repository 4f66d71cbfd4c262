import Foundation
import SliceGrad

extension Communicator {
  /// Runs a body as so many ranks, each of which is a thread, and returns their results, by rank. It is how a program
  /// for many processes is tested in one, without MPI.
  ///
  ///     print(try Communicator.threads(3) { ranks in ranks.rank })  // [0, 1, 2]
  ///
  /// Throws what the body throws on a rank, after all have ended: they all fail if one does. Each has ``run(_:)``
  /// around its body. The ranks share one process, so that a trap ends them all.
  ///
  /// - Parameters:
  ///   - count: above 0.
  ///   - deadline: see ``deadline``.
  ///   - body: what each rank does.
  public static func threads<Result: Sendable>(
    _ count: Int, deadline: Duration = .seconds(600), _ body: @escaping @Sendable (Communicator) throws -> Result
  ) throws -> [Result] {
    require(count > 0, "Communicator.threads: \(count) ranks")
    let mailboxes = Mailboxes(count: count)
    let outcomes = Outcomes<Result>(count: count)
    for rank in 0..<count {
      let thread = Thread {
        outcomes.add(
          Swift.Result {
            try Communicator(ThreadRank(rank: rank, mailboxes: mailboxes), deadline: deadline).run(body)
          }, of: rank)
      }
      thread.stackSize = 8 << 20  // as the main thread's
      thread.start()
    }
    return try outcomes.all()
  }
}

/// What the threads return or throw.
private final class Outcomes<Value: Sendable>: Sendable {
  private let condition = NSCondition()
  nonisolated(unsafe) private var outcomes: [Result<Value, any Error>?]  // guarded by `condition`

  init(count: Int) { outcomes = Array(repeating: nil, count: count) }

  func add(_ outcome: Result<Value, any Error>, of rank: Int) {
    condition.withLock {
      outcomes[rank] = outcome
      condition.signal()
    }
  }

  /// Waits for all. Of several errors it throws one that isn't the echo of another.
  func all() throws -> [Value] {
    let outcomes = condition.withLock {
      while self.outcomes.contains(where: { $0 == nil }) { condition.wait() }
      return self.outcomes.map { $0! }
    }
    let errors = outcomes.compactMap { outcome in
      if case .failure(let error) = outcome { error } else { nil }
    }
    if let cause = errors.first(where: { !($0 is CommunicatorError) }) { throw cause }
    if let cause = errors.first(where: { ($0 as! CommunicatorError).isPrintedHere }) ?? errors.first { throw cause }
    return try outcomes.map { try $0.get() }
  }
}
