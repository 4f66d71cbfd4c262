import Foundation
import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct WordVocabularyTests {
  @Test func frequentWordsComeFirst() {
    let vocabulary = WordVocabulary(of: ["To be or not to be,", "to go!"])
    #expect(vocabulary.words == ["to", "be", "or", "not", ",", "go", "!"])
    #expect(vocabulary.count == 7)
    #expect(vocabulary.row(of: "not") == 3)
    #expect(vocabulary.row(of: "maybe") == nil)
    #expect(vocabulary.row(of: "") == nil)
    #expect(vocabulary.row(of: "To") == nil)
  }

  @Test func rareWordsAreLeftOut() {
    let texts = ["a b c", "b c", "c"]
    #expect(WordVocabulary(of: texts, minimumCount: 2).words == ["c", "b"])
    #expect(WordVocabulary(of: texts, minimumCount: 3).words == ["c"])
    #expect(WordVocabulary(of: texts, minimumCount: 4).words == [])
  }

  @Test func anEmptyVocabularyKnowsNoWord() {
    let vocabulary = WordVocabulary(of: ["", "  "])
    #expect(vocabulary.count == 0)
    #expect(vocabulary.row(of: "a") == nil)
  }

  @Test func encodedTexts() {
    let vocabulary = WordVocabulary(of: ["To be or not to be"])
    #expect([vocabulary.unknownRow, vocabulary.paddingRow] == [4, 5] && vocabulary.rowCount == 6)
    let texts = ["Not to go", "", "or"]
    let encoded = vocabulary.encode(texts)
    #expect(encoded.values == [3, 0, 4, 2] && encoded.rowSplits == [0, 3, 3, 4])
    #expect(vocabulary.encode(texts, foldsCase: false).values == [4, 0, 4, 2])
    #expect(vocabulary.encode(texts, length: 2) == [[3, 0], [5, 5], [2, 5]])
    #expect(vocabulary.encode(texts, length: 0) == [[], [], []])
    #expect(vocabulary.encode([], length: 3) == [])
  }

  @Test func randomTextsGiveTheWordsOfTheReference() {
    var random = RandomText(seed: 5)
    let texts = random.texts(500)
    let tokens = texts.flatMap { ReferenceFeatures.tokens(of: $0) }.map { $0.unicodeScalars.map(\.value) }
    let counts = Dictionary(tokens.map { ($0, 1) }, uniquingKeysWith: +)
    for minimumCount in 1...3 {
      let words = WordVocabulary(of: texts, minimumCount: minimumCount).words.map { $0.unicodeScalars.map(\.value) }
      #expect(Set(words) == Set(counts.filter { $1 >= minimumCount }.keys))
      #expect(words.map { -counts[$0]! } == words.map { -counts[$0]! }.sorted())
      for (word, next) in zip(words, words.dropFirst()) where counts[word] == counts[next] {
        #expect(tokens.firstIndex(of: word)! < tokens.firstIndex(of: next)!)
      }
    }
  }

  @Test func wordsDifferByTheirScalars() throws {
    let vocabulary = WordVocabulary(of: ["\u{E9} e\u{301} e\u{301}"])
    #expect(vocabulary.row(of: "\u{E9}") == 1)
    #expect(vocabulary.row(of: "e\u{301}") == 0)
    #expect(WordVocabulary(words: vocabulary.words) == vocabulary)
  }

  @Test func equalityIsThatOfTheWordsInOrder() {
    #expect(WordVocabulary(words: ["a", "b"]) == WordVocabulary(of: ["a b a"]))
    #expect(WordVocabulary(words: ["a", "b"]) != WordVocabulary(words: ["b", "a"]))
    #expect(WordVocabulary(words: ["ab", "c"]) != WordVocabulary(words: ["a", "bc"]))
  }

  @Test func aRepeatedWordIsNoVocabulary() {
    #expect(WordVocabulary(words: ["a", "b", "a"]) == nil)
    #expect(WordVocabulary(words: ["a", "a"]) == nil)
    #expect(WordVocabulary(words: [])?.count == 0)
  }

  @Test func itIsEncodedAsItsWords() throws {
    var random = RandomText(seed: 6)
    let vocabulary = WordVocabulary(of: random.texts(300))
    let encoded = try JSONEncoder().encode(vocabulary)
    let decoded = try JSONDecoder().decode(WordVocabulary.self, from: encoded)
    #expect(decoded == vocabulary)
    #expect(decoded.words == vocabulary.words)
    #expect(try JSONDecoder().decode([String].self, from: encoded) == vocabulary.words)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(WordVocabulary.self, from: Data(#"["a","a"]"#.utf8))
    }
  }
}
