import Testing

@testable import SliceGradText

@Suite struct JoinedListsTests {
  @Test func listsOneAfterAnother() {
    #expect(Array(joining: [[1, 2], [], [3]]) == [1, 2, 3])
    #expect([Int](joining: []).isEmpty)
  }

  @Test func boundariesMoveAlong() {
    #expect(Array(joiningSplits: [[0, 2, 3], [0], [0, 0, 4]]) == [0, 2, 3, 3, 7])
    #expect(Array(joiningSplits: []) == [0])
  }
}
