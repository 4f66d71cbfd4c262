import SliceGradMPI
import Testing

@Suite struct AgreementTests {
  @Test(arguments: rankCounts) func sameSettings(count: Int) throws {
    _ = try Communicator.threads(count, deadline: .seconds(20)) {
      try $0.agree(on: [("version", "0.1"), ("\n", "\0\"")])
    }
    _ = try Communicator.threads(count, deadline: .seconds(20)) { try $0.agree(on: []) }
  }

  /// The first that differs is named, with the first rank that has another value.
  @Test func differentValue() {
    let error = communicatorError(ranks: 4) { ranks in
      let set = ranks.rank == 2 ? "avx2" : "avx512"
      try ranks.agree(on: [("version", "0.1"), ("instruction set", set), ("time", ranks.rank < 2 ? "1" : "2")])
    }
    #expect(
      error?.withoutHost
        == "rank 0 of 4, step 0, all-gather: rank 0 has instruction set avx512, "
        + "rank 2 has instruction set avx2")
  }

  @Test func missingSetting() {
    let error = communicatorError(ranks: 3) { ranks in
      try ranks.agree(on: ranks.rank == 1 ? [] : [("seed\n", "7")])
    }
    #expect(
      error?.withoutHost
        == "rank 0 of 3, step 0, all-gather: rank 0 has seed\\n 7, rank 1 has no setting 1")
  }
}
