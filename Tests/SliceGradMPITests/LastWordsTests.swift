import Foundation
import SliceGradMPI
import Testing

/// Ranks that others wait for in vain: each wait ends, and the error says who is to blame.
@Suite struct LastWordsTests {
  struct Spoilt: Error {}

  /// The others learn at once that a rank threw. Its error is what is thrown in the end.
  @Test(arguments: [0, 2]) func thrownError(rank: Int) {
    let start = ContinuousClock.now
    #expect(throws: Spoilt.self) {
      _ = try Communicator.threads(3) { ranks in
        if ranks.rank == rank { throw Spoilt() }
        try ranks.barrier()
      }
    }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func endedEarly() {
    let error = communicatorError(ranks: 3) { ranks in
      for step in 1...5 where ranks.rank != 0 || step < 4 {
        ranks.step = step
        _ = try ranks.allGather([Int32(step)], counts: [1, 1, 1])
      }
    }
    #expect(error?.withoutHost == "rank 1 of 3, step 4, all-gather: rank 0 ended already in step 3")
  }

  /// Ranks that need nothing from the others learn it when they end.
  @Test func endedEarlyWhereNobodyWaits() {
    let error = communicatorError(ranks: 2) { ranks in
      ranks.step = 7
      var number: [Int64] = [1]
      if ranks.rank == 0 { try ranks.broadcast(&number) }
    }
    #expect(error?.withoutHost == "rank 0 of 2, step 7, end: rank 1 ended already in step 7")
  }

  /// Ranks 0 and 2 come, at different times, and wait for rank 1, which sleeps.
  @Test func deadline() {
    let start = ContinuousClock.now
    let error = communicatorError(ranks: 3, deadline: .milliseconds(300)) { ranks in
      ranks.step = 12
      usleep([0, 3_000_000, 200_000][ranks.rank])
      try ranks.barrier()
    }
    #expect(error?.withoutHost == "rank 0 of 3, step 12, barrier: rank 1 didn't come within 0.3 s")
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func deadlineAtTheEnd() {
    let error = communicatorError(ranks: 3, deadline: .milliseconds(300)) { ranks in
      if ranks.rank == 0 { usleep(3_000_000) }
    }
    #expect(error?.withoutHost == "rank 1 of 3, step 0, end: rank 0 didn't come within 0.3 s")
  }

  /// Rank 0 comes when the others have just given up, and answers them from where it waits next.
  @Test func late() {
    let error = communicatorError(ranks: 3, deadline: .milliseconds(300)) { ranks in
      if ranks.rank == 0 { usleep(800_000) }
      try ranks.barrier()
    }
    #expect(error?.withoutHost == "rank 1 of 3, step 0, barrier: rank 0 came to barrier after more than 0.3 s")
  }

  /// Nobody is missing, but each waits for the other.
  @Test func differentPlaces() {
    let error = communicatorError(ranks: 2, deadline: .milliseconds(300)) { ranks in
      var numbers: [Int64] = [1, 2]
      guard ranks.rank == 0 else { return try ranks.broadcast(&numbers) }
      try [3 as Int64].withUnsafeBufferPointer { own in
        try numbers.withUnsafeMutableBufferPointer { try ranks.gather(own, into: $0, counts: [1, 1]) }
      }
    }
    #expect(
      error?.withoutHost
        == "rank 0 of 2, step 0, gather: all ranks wait, but not for the same: rank 0 in gather 1, 1 in broadcast 1")
  }
}
