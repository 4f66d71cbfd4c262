import Testing

@testable import SliceGradText

@Suite struct SpellingTests {
  private let composed = Spelling("caf\u{E9}")
  private let decomposed = Spelling("cafe\u{301}")

  @Test func equalStringsMayBeSpeltDifferently() {
    #expect(composed.text == decomposed.text && composed != decomposed)
    #expect(composed == Spelling("caf\u{E9}") && composed.hashValue == Spelling("caf\u{E9}").hashValue)
    #expect(Set([composed, decomposed, composed, decomposed]).count == 2)
  }

  /// As Strings are sorted, and the others by their bytes: “e” comes before “é”, which is C3 A9.
  @Test func theOrderIsThatOfStringsWhereItTellsThemApart() {
    let names = ["b", "caf\u{E9}", "cafe\u{301}", "cafz", "a", "cafe"]
    for shift in names.indices {
      let turned = Array(names[shift...] + names[..<shift]).map { Spelling($0) }
      let expected = ["a", "b", "cafe", "cafz", "cafe\u{301}", "caf\u{E9}"].map { Spelling($0) }
      #expect(turned.sorted() == expected)
      #expect(turned.sorted().map(\.text) == names.sorted())
    }
  }
}
