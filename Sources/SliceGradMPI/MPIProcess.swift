import Foundation
import SliceGradFiles
import SliceGradMPILibrary

/// The transport of a rank that is a process: MPI carries what it sends.
final class MPIProcess: Transport {
  let rank: Int
  let count: Int
  /// Counts and starts of the blocks that go out, and of those that come in. MPI reads them until a collective has
  /// ended.
  private let numbers: [UnsafeMutablePointer<Int32>]

  /// Joins the other processes. MPI, and what it reads, last as long as the process.
  init(within deadline: Duration) throws(TransportProblem) {
    try Self.check(Self.within(deadline, "MPI hasn't begun", slicegrad_mpi_start))
    rank = Int(slicegrad_mpi_rank())
    count = Int(slicegrad_mpi_count())
    let count = self.count
    numbers = (0..<4).map { _ in .allocate(capacity: count) }
  }

  func begin(_ collective: Collective) throws(TransportProblem) {
    let size: Int32
    let problem: UnsafePointer<CChar>?
    switch collective {
    case .barrier:
      problem = slicegrad_mpi_begin_barrier()
    case .broadcast(let elements):
      size = Int32(elements.elementSize)
      problem = slicegrad_mpi_begin_broadcast(elements.start, try Self.int(elements.counts[0]), size)
    case .allGather(let own, let all), .gather(let own, let all):
      size = Int32(own.elementSize)
      let begin = collective.kind == .gather ? slicegrad_mpi_begin_gather : slicegrad_mpi_begin_all_gather
      let ownCount = try Self.int(own.counts[0])
      try set(numbers[0], numbers[1], to: all)
      problem = begin(own.start, ownCount, all.start, numbers[0], numbers[1], size)
    case .allToAll(let out, let blocks):
      size = Int32(out.elementSize)
      try set(numbers[0], numbers[1], to: out)
      try set(numbers[2], numbers[3], to: blocks)
      problem = slicegrad_mpi_begin_all_to_all(
        out.start, numbers[0], numbers[1], blocks.start, numbers[2], numbers[3], size)
    }
    try Self.check(problem)
  }

  func hasEnded() throws(TransportProblem) -> Bool {
    var hasEnded = false
    try Self.check(slicegrad_mpi_test(&hasEnded))
    return hasEnded
  }

  func say(_ word: LastWord, to other: Int) {
    // MPI may read them at any time: there are few words in the life of a process.
    let numbers = UnsafeMutablePointer<Int64>.allocate(capacity: Int(slicegrad_mpi_word_length))
    numbers[0] = Int64(word.reason.rawValue)
    numbers[1] = Int64(word.collectives)
    numbers[2] = Int64(word.kind.rawValue)
    numbers[3] = Int64(word.step)
    slicegrad_mpi_say(numbers, Int32(other))
  }

  func hear(from other: Int) -> LastWord? {
    var numbers = [Int64](repeating: 0, count: Int(slicegrad_mpi_word_length))
    guard slicegrad_mpi_hear(&numbers, Int32(other)), let reason = LastWord.Reason(rawValue: Int(numbers[0])),
      let kind = CollectiveKind(rawValue: Int(numbers[2]))
    else { return nil }
    return LastWord(reason: reason, collectives: Int(numbers[1]), kind: kind, step: Int(numbers[3]))
  }

  func enter(step: Int) { slicegrad_mpi_set_step(Int64(step)) }

  func leave(within deadline: Duration) {
    Self.within(deadline, "MPI hasn't ended", slicegrad_mpi_finish)
  }

  func abort(saying line: String?) {
    if let line {
      FileHandle.standardError.write(Data((line + "\n").utf8))
    } else {
      // Time for the rank that prints, which may leave it to another one that has the same error.
      sleep(15)
    }
    slicegrad_mpi_abort()
  }

  /// Does what MPI waits in by itself. If it takes too long, nothing but the end of the process ends it.
  private static func within<Result>(_ deadline: Duration, _ problem: String, _ body: () -> Result) -> Result {
    let line =
      "a process on \(Communicator.hostName.visible()): \(problem) within \(deadline.inSeconds); "
      + "perhaps not all processes have come\n"
    let end = DispatchWorkItem {
      FileHandle.standardError.write(Data(line.utf8))
      fflush(nil)
      _exit(1)
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + deadline / .seconds(1), execute: end)
    defer { end.cancel() }
    return body()
  }

  private static func check(_ problem: UnsafePointer<CChar>?) throws(TransportProblem) {
    if let problem { throw TransportProblem(text: String(cString: problem)) }
  }

  /// Sets counts and starts.
  private func set(
    _ counts: UnsafeMutablePointer<Int32>, _ starts: UnsafeMutablePointer<Int32>, to blocks: Blocks
  ) throws(TransportProblem) {
    var start = 0
    for (rank, count) in blocks.counts.enumerated() {
      (counts[rank], starts[rank]) = (try Self.int(count), try Self.int(start))
      start += count
    }
    _ = try Self.int(start)
  }

  /// A number of elements as MPI's functions take it.
  static func int(_ count: Int) throws(TransportProblem) -> Int32 {
    guard let int = Int32(exactly: count) else {
      throw TransportProblem(text: "\(count) elements are too many for one message: send at most \(Int32.max) at once")
    }
    return int
  }
}
