import Testing

@testable import SliceGradText

@Suite struct TokenizerTests {
  @Test(arguments: [
    ("", []), (" \t\n ", []), ("Don't  panic!", ["don", "'", "t", "panic", "!"]), ("...", [".", ".", "."]),
    ("¿Qué TAL?", ["¿", "qué", "tal", "?"]), ("a_b-c", ["a", "_", "b", "-", "c"]), ("5€+3", ["5", "€", "+", "3"]),
    ("ΣΊΣΥΦΟΣ", ["σίσυφοσ"]), ("İstanbul", ["i\u{307}stanbul"]), ("ſtraße", ["ſtraße"]), ("ภาษาไทย", ["ภาษาไทย"]),
    ("हिन्दी।", ["हिन्दी", "।"]), ("日本\u{3000}語。", ["日本", "語", "。"]), ("a😀b", ["a", "😀", "b"]), ("𐐀Ⓐ", ["𐐨", "ⓐ"]),
    ("a\u{A0}b\u{2009}c\u{2028}d", ["a", "b", "c", "d"]), ("<a>", ["<", "a", ">"]),
  ])
  func tokens(text: String, expected: [String]) {
    #expect(Tokenizer.tokens(of: text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test func controlCharactersArePartsOfWords() {
    #expect(Tokenizer.tokens(of: "a\0B \u{1B}") == ["a\0b", "\u{1B}"])
  }

  @Test func randomTextsGiveTheTokensOfTheReference() {
    var random = RandomText(seed: 3)
    for text in random.texts(3000) {
      let tokens = Tokenizer.tokens(of: text)
      let expected = ReferenceFeatures.tokens(of: text)
      #expect(tokens.map { Array($0.utf8) } == expected.map { Array($0.utf8) }, "\(text.debugDescription)")
    }
  }
}
