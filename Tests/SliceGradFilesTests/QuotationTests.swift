import SliceGradFiles
import Testing

@Suite struct QuotationTests {
  @Test func quotationsAreShortened() {
    #expect("".quoted == "“”")
    #expect("Füße".quoted == "“Füße”")
    let sixty = String(repeating: "x", count: 60)
    #expect(sixty.quoted == "“\(sixty)”")
    #expect((sixty + "x").quoted == "“\(sixty)…”")
  }

  @Test func aCharacterOfManyScalarsIsShortenedToo() {
    let zalgo = "a" + String(repeating: "\u{301}", count: 10_000)
    #expect(zalgo.count == 1)
    #expect(zalgo.quoted.unicodeScalars.count == 63)  // 60 and the three around them
  }

  @Test func whatCannotBeSeenIsEscaped() {
    #expect("a\tb\r\0\u{1B}[31m".quoted == #"“a\tb\r\0\u{1B}[31m”"#)
    #expect("\u{202E}\u{200B}\u{2028}\u{FFFF}".quoted == #"“\u{202E}\u{200B}\u{2028}\u{FFFF}”"#)
    #expect(#"it's "so" \ so"#.quoted == #"“it's "so" \ so”"#)
  }

  @Test func ofManyStringsFiveAreQuoted() {
    #expect(["a", "b"].quoted == "“a”, “b”")
    #expect(["a", "b", "c", "d", "e", "f", "g"].quoted == "“a”, “b”, “c”, “d”, “e” and 2 others")
  }
}
