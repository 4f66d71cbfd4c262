import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct NGramFeaturesTests {
  static let configurations = [
    NGramConfiguration(), NGramConfiguration(wordNGrams: 2, buckets: 50),
    NGramConfiguration(wordNGrams: 5, buckets: 1_000_000), NGramConfiguration(characterNGrams: 1...4, buckets: 1000),
    NGramConfiguration(characterNGrams: 3...3, buckets: 1), NGramConfiguration(characterNGrams: 2...60, buckets: 777),
    NGramConfiguration(wordNGrams: 3, characterNGrams: 1...1, buckets: 2_000_000_000),
    NGramConfiguration(characterNGrams: 1...4, buckets: 1000, foldsCase: false),
    NGramConfiguration(wordNGrams: 2, characterNGrams: 1...4, buckets: 100_000, spansWords: true),
    NGramConfiguration(characterNGrams: 2...9, buckets: 1000, foldsCase: false, spansWords: true),
  ]

  @Test func theExampleOfTheDocumentation() {
    let features = NGramFeatures(of: ["to be or not to be"], NGramConfiguration(characterNGrams: 3...4, buckets: 1000))
    #expect(features.rowCount == 1004)
    #expect(features.rows(of: "be").count == 4)
    #expect(features.rows(of: "bee").count == 5)
    #expect(features.rows(of: "be").first == features.vocabulary.row(of: "be"))
  }

  @Test(arguments: configurations)
  func randomTextsGiveTheRowsOfTheReference(configuration: NGramConfiguration) {
    var random = RandomText(seed: 7)
    let features = NGramFeatures(of: random.texts(30), configuration)
    let words = features.vocabulary.words
    for text in random.texts(150) + ["", " ", ".", "a", "<>"] {
      let rows = features.rows(of: text)
      #expect(rows.sorted() == ReferenceFeatures.rows(of: text, words: words, configuration))
      #expect(rows.allSatisfy { $0 >= 0 && $0 < features.rowCount })
    }
  }

  @Test(arguments: configurations)
  func manyTextsAreEncodedAsEachAlone(configuration: NGramConfiguration) {
    var random = RandomText(seed: 8)
    let texts = ["", " "] + random.texts(100) + [""]
    let features = NGramFeatures(of: texts, configuration)
    let bags = texts.map { features.rows(of: $0) }
    let encoded = features.encode(texts)
    #expect(encoded.values == Array(bags.joined()))
    #expect(encoded.rowSplits.count == texts.count + 1)
    for (number, bag) in bags.enumerated() {
      #expect(encoded.rowSplits[number + 1] - encoded.rowSplits[number] == Int32(bag.count))
    }
    #expect(features.encode([]) == RaggedIndices(values: [], rowSplits: [0]))
  }

  /// With many buckets no two of a few n-grams meet, so there are as many rows as there are different n-grams.
  @Test func differentNGramsHaveDifferentRows() {
    let configuration = NGramConfiguration(wordNGrams: 3, characterNGrams: 1...6, buckets: 2_000_000_000)
    let features = NGramFeatures(configuration, vocabulary: WordVocabulary(of: []))
    let text = "the quick brown fox jumps over the lazy dog, und Füchse ähneln Hunden; 日本語 ไทย"
    let tokens = ReferenceFeatures.tokens(of: text)
    let characterNGrams = tokens.flatMap { ReferenceFeatures.characterNGrams(of: [$0], lengths: 1...6) }
    let wordNGrams = ReferenceFeatures.wordNGrams(of: tokens, longest: 3)
    let rows = features.rows(of: text)
    #expect(rows.count == characterNGrams.count + wordNGrams.count)
    #expect(Set(rows).count == Set(characterNGrams).count + Set(wordNGrams).count)
  }

  @Test func nGramsOfCharactersAreThoseOfFastText() {
    #expect(
      ReferenceFeatures.characterNGrams(of: ["whére"], lengths: 3...3) == ["<wh", "whé", "hér", "ére", "re>"])
    #expect(ReferenceFeatures.characterNGrams(of: ["a"], lengths: 1...4) == ["a", "<a", "a>", "<a>"])
    #expect(
      ReferenceFeatures.characterNGrams(of: ["a", "b"], lengths: 1...2) == ["a", "b", "<a", "a>", "><", "<b", "b>"])
    #expect(
      ReferenceFeatures.wordNGrams(of: ["a", "b", "c"], longest: 3) == [["a", "b"], ["b", "c"], ["a", "b", "c"]])
  }

  @Test(arguments: [false, true]) func lengthsMayBeTheLargestNumber(spansWords: Bool) {
    func rows(_ longest: Int) -> [Int32] {
      let configuration = NGramConfiguration(
        wordNGrams: longest, characterNGrams: 2...longest, buckets: 1000, spansWords: spansWords)
      return NGramFeatures(of: ["to be or not to be"], configuration).rows(of: "not to be")
    }
    #expect(rows(.max) == rows(100))
  }

  @Test func rareWordsHaveTheirNGramsOnly() {
    let configuration = NGramConfiguration(characterNGrams: 2...2, buckets: 10)
    let features = NGramFeatures(of: ["ab ab cd"], configuration, minimumCount: 2)
    #expect(features.rowCount == 11)
    #expect(features.rows(of: "ab").count == 4)
    #expect(features.rows(of: "cd").count == 3)
  }

  @Test(arguments: configurations)
  func decodingGivesBackWhatWasEncoded(configuration: NGramConfiguration) throws {
    var random = RandomText(seed: 9)
    let features = NGramFeatures(of: random.texts(50), configuration)
    let decoded = try JSONDecoder().decode(NGramFeatures.self, from: JSONEncoder().encode(features))
    #expect(decoded == features)
    let texts = random.texts(50)
    #expect(decoded.encode(texts) == features.encode(texts))
  }

  @Test func decodingRefusesMoreRowsThanInt32() throws {
    let encoded = #"{"configuration":{"wordNGrams":1,"buckets":2147483647},"vocabulary":["a"]}"#
    let error = try #require(throws: DecodingError.self) {
      try JSONDecoder().decode(NGramFeatures.self, from: Data(encoded.utf8))
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(context.debugDescription == "1 words and 2147483647 buckets are too many for Int32")
  }

  /// Against the rows of features that keep all buckets, of which those are struck out that no training text has.
  @Test(arguments: configurations.filter { $0.buckets <= 1_000_000 })
  func keptBucketsAreThoseOfTheTexts(configuration: NGramConfiguration) throws {
    var random = RandomText(seed: 11)
    let training = random.texts(20) + ["", "to be"]
    let texts = random.texts(60) + training
    let all = NGramFeatures(of: training, configuration)
    let words = NumberedWords(of: training, foldsCase: configuration.foldsCase)
    let features = all.keepingBuckets(of: training, words: words)
    #expect(features == all.keepingBuckets(of: training))
    #expect(features == features.keepingBuckets(of: training), "also of features that keep some already")
    let seen = Set(training.flatMap { all.rows(of: $0) }).union(0..<Int32(all.vocabulary.count)).sorted()
    #expect(features.rowCount == seen.count)
    for text in texts {
      let expected = all.rows(of: text).compactMap { row in seen.firstIndex(of: row).map { Int32($0) } }
      #expect(features.rows(of: text) == expected)
    }
    #expect(training.allSatisfy { features.rows(of: $0).count == all.rows(of: $0).count })
    let decoded = try JSONDecoder().decode(NGramFeatures.self, from: JSONEncoder().encode(features))
    #expect(decoded == features && decoded != all || features.keptBuckets?.rows.isEmpty == true)
    #expect(decoded.encode(texts) == features.encode(texts))
  }

  @Test func theExampleOfKeptBuckets() {
    let features = NGramFeatures(of: ["to be"], NGramConfiguration(characterNGrams: 2...2, buckets: 1000))
    let kept = features.keepingBuckets(of: ["to be"])
    #expect(features.rowCount == 1002)
    #expect(kept.rowCount == 8)
    #expect(kept.rows(of: "so").count == 1)
  }

  @Test func featuresThatKeepAllAreEncodedAsBefore() throws {
    let features = NGramFeatures(of: ["a"], NGramConfiguration(buckets: 2))
    let json = String(decoding: try JSONEncoder().encode(features), as: UTF8.self)
    #expect(!json.contains("keptBuckets"))
    let older = #"{"configuration":{"wordNGrams":1,"buckets":2},"vocabulary":["a"]}"#
    #expect(try JSONDecoder().decode(NGramFeatures.self, from: Data(older.utf8)) == features)
  }

  @Test func bucketsBeyondTheConfigurationAreRefused() async throws {
    let encoded = #"{"configuration":{"wordNGrams":1,"buckets":2},"vocabulary":["a"],"keptBuckets":[0,2]}"#
    let error = try #require(throws: DecodingError.self) {
      try JSONDecoder().decode(NGramFeatures.self, from: Data(encoded.utf8))
    }
    #expect("\(error)".contains("bucket 2 is kept, but there are 2"))
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NGramFeatures(NGramConfiguration(buckets: 2), vocabulary: WordVocabulary(of: []), keptBuckets: KeptRows([2]))
    }
    #expect(result?.standardErrorContent.trapMessage == "NGramFeatures: bucket 2 is kept, but there are 2")
  }

  /// Rows of a saved model must mean the same forever: this test may never be adapted to a changed program.
  @Test func rowsStayAsTheyAre() {
    let configuration = NGramConfiguration(wordNGrams: 2, characterNGrams: 2...3, buckets: 1_000_000)
    let features = NGramFeatures(of: ["hello world"], configuration)
    let expected: [Int32] = [
      0, 999_084, 810_371, 325_769, 959_288, 863_288, 715_849, 243_985, 774_579, 745_197, 612_119, 133_972,
      705_596, 215_570, 990_211, 201_971, 611_662, 949_442, 550_060, 980_262, 976_689, 56_681, 221_319, 770_348,
    ]
    #expect(features.rows(of: "Hello Wörld") == expected)
  }

  @Test func moreRowsThanInt32Trap() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NGramFeatures(of: ["a b"], NGramConfiguration(buckets: Int(Int32.max)))
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("NGramFeatures: 2 words and 2147483647 buckets are too many for Int32"))
  }
}
