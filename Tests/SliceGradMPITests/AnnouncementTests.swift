import Foundation
import SliceGrad
import SliceGradTraining
import TestSupport
import Testing

@testable import SliceGradMPI

/// Ranks that are in different functions find it out, before they take each other's elements for their own.
@Suite struct AnnouncementTests {
  typealias Table = EmbeddingTable<Float>

  private static var lookups: [TableLookup<Table, [Int32]>] { [.rows(\.self) { $0 }] }
  private static let batch = Shards(4, of: 8) { $0.map { Int32($0) } }
  private static let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  /// Functions that all ranks have to call, by the names in messages.
  private static let calls: [(name: String, call: @Sendable (Communicator, Table) throws -> Void)] = [
    (
      "valueWithGradients",
      { world, table in
        _ = try world.valueWithGradients(at: table, shards: batch, lookups: lookups) { $0.gather($1).square().mean() }
      }
    ),
    ("results", { _ = try $0.results(at: $1, shards: batch, lookups: lookups) { $0.gather($1).value } }),
    ("rows", { _ = try $0.rows(at: $1, shards: batch, lookups: lookups) { $0.gather($1).value } }),
    ("save", { try $0.save($1, to: file) }),
    ("gathered", { _ = try $0.gathered($1) }),
    ("sharingRows", { _ = try $0.sharingRows(of: $1, in: 4) }),
    ("agree", { world, _ in try world.agree(on: [("a", "b")]) }),
    ("allGather", { world, _ in _ = try world.allGather([1 as Int32]) }),
    ("gather", { world, _ in _ = try world.gather([1 as Int32]) }),
    ("allToAll", { world, _ in _ = try world.allToAll([[Float]](repeating: [], count: world.count)) }),
  ]

  @Test(arguments: calls.indices, calls.indices) func together(first: Int, second: Int) throws {
    let (one, other) = (Self.calls[first], Self.calls[second])
    @Sendable func run(_ world: Communicator) throws {
      let table = try world.sharingRows(of: Table(Tensor<Float>(zeros: [9, 2])), in: 4)
      world.step = 1  // a step that doesn't compare batches
      try (world.rank < 2 ? one : other).call(world, table)
    }
    guard first != second else {
      _ = try Communicator.threads(3, run)
      try? FileManager.default.removeItem(at: Self.file)
      return
    }
    let found = communicatorError(ranks: 3, run)?.withoutHost ?? "none"
    let problem = "rank 0 is in \(one.name), rank 2 in \(other.name)"
    #expect(found.hasSuffix(": \(problem): all ranks have to call the same functions, in the same order"), "\(found)")
  }

  /// A model without tables announces its steps, too.
  @Test func withoutTables() {
    let error = communicatorError(ranks: 2) { world in
      world.step = 1
      let layer = Dense<Float>(weight: Tensor([[0.5]]), bias: Tensor([1]))
      guard world.rank == 0 else { return try world.save(layer, to: Self.file) }
      _ = try world.valueWithGradients(at: layer, shards: Self.batch) { layer, part in
        layer(Variable(Tensor(part.map { [Float($0)] }))).mean()
      }
    }
    #expect(error?.withoutHost.contains(": rank 0 is in valueWithGradients, rank 1 in save: ") == true)
  }

  /// The first rank that announces prints what is wrong and says that it failed, whatever it hears. Others do so if
  /// they hear of no failure.
  @Test(arguments: 0..<3, [true, false]) func whoPrints(rank: Int, isHeard: Bool) {
    for (functions, printer, problem) in [
      ([.allGather, .allGather, .gather], 0, "rank 0 is in allGather, rank 2 in gather"),
      ([nil, .allGather, .allGather], 1, "rank 0 is in something else, rank 1 in allGather"),
    ] as [([CollectiveFunction?], Int, String)] where functions[rank] == .allGather {
      let transport = Told(rank: rank, functions, failed: isHeard ? (rank == printer ? 2 : printer) : nil)
      let world = Communicator(transport, deadline: .seconds(1))
      let error = #expect(throws: CommunicatorError.self) { try world.allGather([1 as Int32]) }
      #expect(error?.withoutHost.contains(": \(problem): ") == true)
      #expect(error?.isPrintedHere == (rank == printer || !isHeard))
      #expect(transport.said == (rank == printer || !isHeard ? [.failed, .failed] : []))
    }
  }
}

/// One of some ranks. It is told at once in which function each is, and then perhaps that one has failed.
private final class Told: Transport {
  let rank: Int
  private let functions: [CollectiveFunction?]
  private let failed: Int?
  private(set) var said: [LastWord.Reason] = []

  init(rank: Int, _ functions: [CollectiveFunction?], failed: Int?) {
    (self.rank, self.functions, self.failed) = (rank, functions, failed)
  }

  var count: Int { functions.count }

  func begin(_ collective: Collective) {
    for (other, function) in functions.enumerated() {
      let place = collective.incoming(from: other, to: rank)
      [function?.rawValue ?? 0, 0, 0].withUnsafeBytes { place?.copyBytes(from: $0) }
    }
  }

  /// A collective that a rank has begun before it failed may end after that is heard.
  func hasEnded() -> Bool { failed == nil || isHeard }
  func say(_ word: LastWord, to other: Int) { said.append(word.reason) }
  func hear(from other: Int) -> LastWord? {
    // Once: a rank is listened to until it says nothing more.
    guard other == failed, !isHeard else { return nil }
    isHeard = true
    return LastWord(reason: .failed, collectives: 1, kind: .allToAll, step: 0)
  }
  private var isHeard = false
  func enter(step: Int) {}
  func leave(within deadline: Duration) {}
  func abort(saying line: String?) {}
}
