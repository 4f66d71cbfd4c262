import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct TextDataSetTests {
  private let examples = [("en", "how are you"), ("es", "¿qué tal?"), ("en", " "), ("de", "wie geht's")].map {
    LabeledText(label: $0, text: $1)
  }

  @Test func holdsTheRowsAndTheClassOfEachText() throws {
    let configuration = NGramConfiguration(wordNGrams: 2, characterNGrams: 1...3, buckets: 100)
    let features = NGramFeatures(of: examples.map(\.text), configuration)
    let labels = LabelVocabulary(of: examples)
    let dataSet = try TextDataSet(examples, features: features, labels: labels)
    #expect(dataSet.count == 4)
    #expect(dataSet.texts == features.encode(examples.map(\.text)))
    #expect(dataSet.labels == [1, 2, 1, 0])
    #expect(try TextDataSet([], features: features, labels: labels).count == 0)
  }

  @Test func anUnknownLabelIsAnError() throws {
    let features = NGramFeatures(of: [], NGramConfiguration())
    let labels = LabelVocabulary(of: examples.prefix(3))
    let error = #expect(throws: DataError.self) { try TextDataSet(examples, features: features, labels: labels) }
    #expect(error?.location == TextLocation(path: "example", line: 4))
  }

  @Test func textsAndLabelsOfDifferentNumberTrap() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TextDataSet(texts: RaggedIndices(values: [], rowSplits: [0, 0]), labels: [])
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("TextDataSet: 1 texts, but 0 labels"))
  }
}
