import Foundation
import SliceGrad
import SliceGradFiles

/// The ranks of a run, which all execute the same program, as one of them sees them.
///
/// A program that is started alone is one rank. One that `mpirun` or `srun` starts N times is N ranks, and one that
/// calls ``threads(_:deadline:_:)`` has ranks that are threads, for tests.
///
///     try Communicator.world().run { world in
///       let ranks = try world.allGather([Int32(world.rank)])
///       if world.rank == 0 { print(ranks) }  // [[0]]
///     }
///
/// prints `[[0], [1], [2], [3]]` under `mpirun -np 4`.
///
/// All functions but those that say otherwise are *collective*: all ranks have to call them, in the same order. A rank
/// that waits for one that doesn't come gives up after ``deadline`` and throws a ``CommunicatorError``; after that
/// there is nothing left to do but end, and ``run(_:)`` ends all ranks. The numbers of elements that a rank sends and
/// gets in one collective have to be below 2³¹ each under MPI; more is an error. Bytes are counted as if each message
/// went straight to each of its receivers.
///
/// It isn't `Sendable`: one thread of each rank does all the exchange, as MPI wants it.
public final class Communicator {
  /// The number of this rank, in `0..<count`.
  public let rank: Int
  /// The number of ranks.
  public let count: Int
  /// How long this rank waits in each collective for others that don't come. It is more than 0, or else it traps. The
  /// time that a rank works alone, say to validate, has to be shorter. A process that is stopped and goes on hasn't
  /// waited meanwhile.
  public var deadline: Duration { didSet { Self.check(deadline) } }
  /// The number of the training step, for messages.
  public var step = 0 { didSet { transport.enter(step: step) } }
  /// How many bytes this rank has sent to others in collectives.
  public internal(set) var sentByteCount = 0

  let transport: any Transport
  /// The names of the machines, by rank.
  var hosts: [String]
  /// How many collectives were begun, and the kind of the last one.
  var collectives = 0
  var kind = CollectiveKind.barrier
  /// The function that this rank is in, if it's one of those that have to be called by all.
  var function: CollectiveFunction?
  /// What others have said that no longer take part, by rank.
  var heard: [LastWord?]
  var hasGivenUp = false
  /// Whether another rank has just said that it failed, which prints why itself.
  var isToldOfFailure = false
  var hasRun = false

  init(_ transport: any Transport, deadline: Duration) {
    Self.check(deadline)
    self.transport = transport
    self.deadline = deadline
    rank = transport.rank
    count = transport.count
    hosts = [String](repeating: Self.hostName, count: count)
    heard = [LastWord?](repeating: nil, count: count)
  }

  static func check(_ deadline: Duration) {
    require(deadline > .zero, "Communicator: a deadline of \(deadline) is not above 0")
  }

  static var hostName: String {
    let size = 256
    let name = [CChar](unsafeUninitializedCapacity: size) { buffer, count in
      count = gethostname(buffer.baseAddress!, size) == 0 ? strnlen(buffer.baseAddress!, size) : 0
    }
    return String(decoding: name.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Does a collective and waits until it has ended for this rank.
  func perform(_ collective: Collective) throws(CommunicatorError) {
    collectives += 1
    kind = collective.kind
    isToldOfFailure = false
    require(!hasGivenUp, "Communicator: \(kind.name) after an error")
    try checked { () throws(TransportProblem) in try transport.begin(collective) }
    var waiting = Waiting()
    while try !checked({ () throws(TransportProblem) in try transport.hasEnded() }) {
      if waiting.pause() { try lookAround(after: waiting.elapsed) }
    }
    sentByteCount += collective.sentByteCount(from: rank, of: count)
  }

  /// What a transport returns; its problem becomes an error of this rank and step.
  private func checked<Result>(_ body: () throws(TransportProblem) -> Result) throws(CommunicatorError) -> Result {
    do {
      return try body()
    } catch {
      hasGivenUp = true
      say(.failed)
      throw self.error(error.text, isPrintedHere: true)
    }
  }

  func error(_ problem: String, isPrintedHere: Bool) -> CommunicatorError {
    CommunicatorError(
      place: "\(name(of: rank, withCount: true)), step \(step), \(kind.name)", problem: problem,
      isPrintedHere: isPrintedHere)
  }

  /// How messages name a rank.
  func name(of rank: Int, withCount: Bool = false) -> String {
    "rank \(rank)\(withCount ? " of \(count)" : "") on \(hosts[rank].visible())"
  }
}
