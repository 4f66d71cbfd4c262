import Testing

@testable import SliceGradText

@Suite struct WordVectorCoverageTests {
  @Test func rowsAreFoundOrMissing() {
    let coverage = WordVectorCoverage(isFound: [true, false, true, true])
    #expect(coverage.foundRows == [0, 2, 3])
    #expect(coverage.missingRows == [1])
    #expect(coverage.fraction == 0.75)
    #expect(coverage.description == "3 of 4 words")
  }

  @Test func noWordsAreCovered() {
    #expect(WordVectorCoverage(isFound: []).fraction == 1)
    #expect(WordVectorCoverage(isFound: [false]).fraction == 0)
    #expect(WordVectorCoverage(isFound: []).description == "0 of 0 words")
  }
}
