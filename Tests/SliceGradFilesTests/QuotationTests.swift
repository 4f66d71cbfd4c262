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
    #expect("\u{FEFF}a\u{A0}b\u{3000}\u{AD}".quoted == #"“\u{FEFF}a\u{00A0}b\u{3000}\u{00AD}”"#)
    #expect("\u{3164}\u{115F}\u{FFA0}\u{34F}\u{2800}".quoted == #"“\u{3164}\u{115F}\u{FFA0}\u{034F}\u{2800}”"#)
    #expect(#"it's "so" \ so"#.quoted == #"“it's "so" \ so”"#)
  }

  @Test func accentsAloneAreEscaped() {
    #expect("\u{301}".quoted == #"“\u{0301}”"#)
    #expect("e\u{301}\u{323} \u{301}".quoted == "“e\u{301}\u{323} " + #"\u{0301}”"#)
    #expect("\u{200B}\u{301}\u{302}".quoted == #"“\u{200B}\u{0301}\u{0302}”"#)
    #expect("हिन्दी".quoted == "“हिन्दी”")
    #expect("❤\u{FE0F}".quoted == "“❤" + #"\u{FE0F}”"#)
  }

  @Test func visibleTextStaysAsItIs() {
    let text = #"“a\t” \ “é”"#
    #expect(text.visible() == text && text.visible(atMost: 3) == #"“a\…"#)
    #expect("a\nb".visible() == #"a\nb"#)
  }

  @Test func ofManyStringsFiveAreQuoted() {
    #expect(["a", "b"].quoted == "“a”, “b”")
    #expect(["a", "b", "c", "d", "e", "f", "g"].quoted == "“a”, “b”, “c”, “d”, “e” and 2 others")
  }
}
