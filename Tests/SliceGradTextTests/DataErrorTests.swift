import Testing

@testable import SliceGradText

@Suite struct DataErrorTests {
  @Test func descriptionIsOneLineWithThePlace() {
    let line = DataError(at: TextLocation(path: "a b.tsv", line: 12), found: "this", expected: "that")
    #expect(line.description == "a b.tsv:12: found this, expected that")
    #expect("\(line as any Error)" == line.description)
    let file = DataError(at: TextLocation(path: "a.tsv"), found: "this", expected: "that")
    #expect(file.description == "a.tsv: found this, expected that")
    #expect(file != line)
  }

  @Test func quotationsAreShortened() {
    #expect(DataError.quoted("") == "“”")
    #expect(DataError.quoted("Füße") == "“Füße”")
    let forty = String(repeating: "x", count: 40)
    #expect(DataError.quoted(forty) == "“\(forty)”")
    #expect(DataError.quoted(forty + "x") == "“\(forty)…”")
  }

  @Test func aCharacterOfManyScalarsIsShortenedToo() {
    let zalgo = "a" + String(repeating: "\u{301}", count: 10_000)
    #expect(zalgo.count == 1)
    #expect(DataError.quoted(zalgo).unicodeScalars.count == 43)  // 40 and the three around them
  }

  @Test func whatCannotBeSeenIsEscaped() {
    #expect(DataError.quoted("a\tb\r\0\u{1B}[31m") == #"“a\tb\r\0\u{1B}[31m”"#)
    #expect(DataError.quoted("\u{202E}\u{200B}\u{2028}\u{FFFF}") == #"“\u{202E}\u{200B}\u{2028}\u{FFFF}”"#)
    #expect(DataError.quoted(#"it's "so" \ so"#) == #"“it's "so" \ so”"#)
  }
}
