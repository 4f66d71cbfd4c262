import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct WordBagsTests {
  static let configurations =
    NGramFeaturesTests.configurations.filter { !$0.spansWords } + [
      NGramConfiguration(wordNGrams: 3, characterNGrams: 2...4, buckets: 1000),
      NGramConfiguration(wordNGrams: .max, characterNGrams: 1...Int.max, buckets: 1000),
    ]

  @Test(arguments: configurations)
  func bagsAreThoseOfTheFeaturesForAnyNumberOfThreads(configuration: NGramConfiguration) {
    var random = RandomText(seed: 33)
    let training = random.texts(40)
    let features = NGramFeatures(of: training, configuration)
    expectBagsAreThose(of: features)
    if configuration.buckets <= 1_000_000 { expectBagsAreThose(of: features.keepingBuckets(of: training)) }
  }

  private func expectBagsAreThose(of features: NGramFeatures) {
    let configuration = features.configuration
    var random = RandomText(seed: 34)
    let texts = ["", "a", "a b", "to be or not to be"] + random.texts(100)
    let expected = features.encode(texts).counted
    let before = Threads.count
    defer { Threads.count = before }
    for threads in [1, 2, 3, 8] {
      Threads.count = threads
      let words = NumberedWords(of: texts, foldsCase: configuration.foldsCase)
      let bags = WordBags(words, features: features)
      #expect(bags.count == texts.count)
      #expect(bags.bags(ArraySlice(texts.indices)) == expected)
    }
  }

  @Test func someBagsInAnyOrder() {
    let features = NGramFeatures(
      of: ["to be"], NGramConfiguration(wordNGrams: 2, characterNGrams: 1...4, buckets: 1000))
    let texts = ["to be or not to be", "", "be!", "or"]
    let bags = WordBags(NumberedWords(of: texts), features: features)
    let order = [9, 2, 0, 1, 2, 3].dropFirst()
    #expect(bags.bags(order) == RaggedIndices(order.map { features.rows(of: texts[$0]) }).counted)
    #expect(bags.bags([]) == RaggedIndices([]))
  }

  /// A word of 500 characters has 127,000 n-grams, and so has each of 20,000 bags of it.
  @Test func moreRowsThanInt32Trap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let configuration = NGramConfiguration(characterNGrams: 1...500, buckets: 10)
      let features = NGramFeatures(configuration, vocabulary: WordVocabulary(of: []))
      let bags = WordBags(NumberedWords(of: [String(repeating: "a", count: 500)]), features: features)
      _ = bags.bags(ArraySlice(Array(repeating: 0, count: 20_000)))
    }
    #expect(
      result?.standardErrorContent.trapMessage
        == "TextDataSet: text 1 has more rows than Int32 can count, with those before")
  }
}
