import Testing

@testable import SliceGradText

@Suite(.enabled(if: SharedData.isThere, "needs ../shared/data beside the package"))
struct SharedDataTests {
  @Test(arguments: [
    ("clinc150", [15_000, 3_000, 4_500], 150), ("movie_reviews", [8_529, 1_066, 1_067], 2),
    ("languages", [76_409, 4_495, 8_990], 114),
  ])
  func filesHoldTheirExamples(name: String, counts: [Int], labelCount: Int) throws {
    let parts = try ["train", "valid", "test"].map { try SharedData.examples("\(name).\($0).tsv") }
    #expect(parts.map(\.count) == counts)
    let labels = LabelVocabulary(of: parts[0])
    #expect(labels.count == labelCount)
    for part in parts { #expect(try labels.indices(of: part).count == part.count) }
  }

  @Test func sentencesOfManyLanguagesGiveTheRowsOfTheReference() throws {
    let training = try SharedData.examples("languages.train.tsv").prefix(200)
    let test = try SharedData.examples("languages.test.tsv").prefix(200)
    let configuration = NGramConfiguration(wordNGrams: 2, characterNGrams: 1...4, buckets: 500_000)
    let features = NGramFeatures(of: training.lazy.map(\.text), configuration)
    let words = features.vocabulary.words
    for example in test {
      let expected = ReferenceFeatures.rows(of: example.text, words: words, configuration)
      #expect(features.rows(of: example.text).sorted() == expected)
    }
  }
}
