import SliceGrad
import SliceGradMPI
import TestSupport
import Testing

@Suite struct CollectivesTests {
  /// The elements that a rank sends to another one: different ones, and of different number, none from some ranks.
  static func elements(from rank: Int, to other: Int) -> [Int32] {
    (0..<(rank * 3 + other * 2) % 5).map { Int32(1000 * rank + 100 * other + $0) }
  }

  @Test(arguments: rankCounts) func allGather(count: Int) throws {
    let expected = (0..<count).map { Self.elements(from: $0, to: 0) }
    let found = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      ranks.comeLate()
      return try (ranks.allGather(Self.elements(from: ranks.rank, to: 0)), ranks.sentByteCount)
    }
    for (rank, found) in found.enumerated() {
      #expect(found.0 == expected)
      #expect(found.1 == (count - 1) * (4 * expected[rank].count + 24))
    }
  }

  @Test(arguments: rankCounts) func allGatherOfKnownNumbers(count: Int) throws {
    let expected = (0..<count).map { Self.elements(from: $0, to: 0).map { Double($0) } }
    let found = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      try (ranks.allGather(expected[ranks.rank], counts: expected.map(\.count)), ranks.sentByteCount)
    }
    for (rank, found) in found.enumerated() {
      #expect(found.0 == Array(expected.joined()))
      #expect(found.1 == (count - 1) * 8 * expected[rank].count)
    }
  }

  @Test(arguments: rankCounts) func allToAll(count: Int) throws {
    let found = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      var found: [[Int32]] = []
      // Twice, so that a rank may be ahead of others.
      for time in 0..<2 {
        ranks.comeLate(time)
        found = try ranks.allToAll((0..<count).map { Self.elements(from: ranks.rank, to: $0) })
      }
      return (found, ranks.sentByteCount)
    }
    for (rank, found) in found.enumerated() {
      #expect(found.0 == (0..<count).map { Self.elements(from: $0, to: rank) })
      let sent = (0..<count).filter { $0 != rank }.map { 4 * Self.elements(from: rank, to: $0).count + 24 }
      #expect(found.1 == 2 * sent.reduce(0, +))
    }
  }

  @Test(arguments: rankCounts) func gather(count: Int) throws {
    let found = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      ranks.comeLate()
      return try (ranks.gather(Self.elements(from: ranks.rank, to: 0).map { UInt8($0 % 256) }), ranks.sentByteCount)
    }
    let expected = (0..<count).map { Self.elements(from: $0, to: 0).map { UInt8($0 % 256) } }
    for (rank, found) in found.enumerated() {
      #expect(found.0 == (rank == 0 ? expected : []))
      #expect(found.1 == 24 * (count - 1) + (rank == 0 ? 0 : expected[rank].count + 8))
    }
  }

  @Test(arguments: [1, 12, 20, 1000]) func tensorsAreGatheredInRounds(atOnce: Int) throws {
    let counts = [5, 0, 12, 1]
    let found = try Communicator.threads(4, deadline: .seconds(20)) { ranks in
      let own = Tensor<Float>((0..<counts[ranks.rank]).map { Float(100 * ranks.rank + $0) })
      let isFirst = ranks.rank == 0
      return try ranks.gather(own, counts: isFirst ? counts : [], shape: [isFirst ? 18 : 0], atOnce: atOnce)
    }
    let expected = counts.enumerated().flatMap { rank, count in (0..<count).map { Float(100 * rank + $0) } }
    #expect(found[0] == Tensor(expected))
    #expect(found.dropFirst().allSatisfy { $0.count == 0 })
  }

  @Test(arguments: rankCounts) func broadcast(count: Int) throws {
    let found = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      ranks.comeLate()
      var (floats, none) = ([Float(ranks.rank), 0.5, -Float(ranks.rank)], [Int64]())
      try ranks.broadcast(&floats)
      try ranks.broadcast(&none)
      return (floats, none, ranks.sentByteCount)
    }
    for (rank, found) in found.enumerated() {
      #expect(found.0 == [0, 0.5, 0] && found.1 == [])
      #expect(found.2 == (rank == 0 ? (count - 1) * 12 : 0))
    }
  }

  /// Nobody passes a barrier before the last one has come.
  @Test(arguments: [2, 3, 8]) func barrier(count: Int) throws {
    let times = try Communicator.threads(count, deadline: .seconds(20)) { ranks in
      ranks.comeLate()
      let before = ContinuousClock.now
      try ranks.barrier()
      return (before, ContinuousClock.now, ranks.sentByteCount)
    }
    #expect(times.map(\.1).min()! >= times.map(\.0).max()!)
    #expect(times.allSatisfy { $0.2 == 0 })
  }

  /// A rank that isn't like others finds out that elements are missing, instead of taking what comes.
  @Test func differentLengths() {
    let error = communicatorError(ranks: 2) { ranks in
      var elements = [Int32](repeating: 1, count: ranks.rank + 1)
      try ranks.broadcast(&elements)
    }
    #expect(error?.withoutHost == "rank 1 of 2, step 0, broadcast: rank 0 sent 4 bytes of broadcast, expected 8")
  }

  @Test func wrongCountsTrap() async {
    let found = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Communicator.world().allToAll([1, 2, 3] as [Float], counts: [2], receiving: [2])
    }
    #expect(found?.standardErrorContent.trapMessage == "allToAll: 3 elements don't make up blocks of [2]")
  }
}
