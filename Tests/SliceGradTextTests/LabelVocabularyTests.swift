import Foundation
import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct LabelVocabularyTests {
  private let vocabulary = LabelVocabulary(of: ["es", "de", "es", "en"].map { LabeledText(label: $0, text: "x") })

  @Test func indicesAreThePlacesOfTheSortedLabels() {
    #expect(vocabulary.labels == ["de", "en", "es"])
    #expect(vocabulary.count == 3)
    for (place, label) in ["de", "en", "es"].enumerated() {
      #expect(vocabulary.index(of: label) == Int32(place))
      #expect(vocabulary[Int32(place)] == label)
    }
    #expect(vocabulary.index(of: "fr") == nil)
  }

  @Test func examplesGetTheirIndices() throws {
    let examples = ["en", "es", "de", "en"].map { LabeledText(label: $0, text: "x") }
    #expect(try vocabulary.indices(of: examples) == [1, 2, 0, 1])
    #expect(try vocabulary.indices(of: []) == [])
  }

  @Test func anUnknownLabelIsAnErrorAtItsPlace() throws {
    let location = TextLocation(path: "test.tsv", line: 7)
    let examples = [LabeledText(label: "en", text: "x"), LabeledText(label: "fr\t", text: "y", location: location)]
    let error = #expect(throws: DataError.self) { try vocabulary.indices(of: examples) }
    #expect(
      error?.description
        == #"test.tsv:7: found the label “fr\t”, never seen in training, expected one of 3 labels: “de”, “en”, “es”"#)
  }

  @Test func anUnknownLabelInMemoryIsAnErrorWithItsNumber() throws {
    let many = LabelVocabulary(of: ["a", "b", "c", "d"].map { LabeledText(label: $0, text: "x") })
    let examples = [LabeledText(label: "a", text: "x"), LabeledText(label: "e", text: "x")]
    let error = #expect(throws: DataError.self) { try many.indices(of: examples) }
    #expect(
      error?.description
        == "example:2: found the label “e”, never seen in training, expected one of 4 labels: “a”, “b”, “c”, …")
  }

  private let severalLabels = [
    LabeledText(label: "es", otherLabels: ["de"], text: "x"), LabeledText(label: "en", text: "y"),
    LabeledText(label: "de", otherLabels: ["en", "es"], text: "z"),
  ]

  @Test func allLabelsOfATextCount() throws {
    #expect(LabelVocabulary(of: severalLabels) == vocabulary)
    #expect(try vocabulary.labelSets(of: severalLabels) == RaggedIndices([[2, 0], [1], [0, 1, 2]] as [[Int32]]))
    #expect(try vocabulary.labelSets(of: []).bagCount == 0)
  }

  @Test func aSecondLabelIsAnErrorWhereThereIsToBeOne() throws {
    let error = #expect(throws: DataError.self) { try vocabulary.indices(of: severalLabels) }
    #expect(error?.description == "example:1: found a second label “de”, expected one label a text")
  }

  @Test func anUnknownLabelAmongSeveralIsAnErrorAtItsPlace() throws {
    let examples = severalLabels + [LabeledText(label: "en", otherLabels: ["fr"], text: "x")]
    let error = #expect(throws: DataError.self) { try vocabulary.labelSets(of: examples) }
    #expect(error?.location == TextLocation(path: "example", line: 4))
    #expect(error?.found == "the label “fr”, never seen in training")
  }

  @Test func itIsEncodedAsItsLabels() throws {
    let encoded = try JSONEncoder().encode(vocabulary)
    #expect(String(decoding: encoded, as: UTF8.self) == #"["de","en","es"]"#)
    #expect(try JSONDecoder().decode(LabelVocabulary.self, from: encoded) == vocabulary)
    let inOtherOrder = try JSONDecoder().decode(LabelVocabulary.self, from: Data(#"["es","de"]"#.utf8))
    #expect(inOtherOrder.index(of: "de") == 1)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LabelVocabulary.self, from: Data(#"["es","es"]"#.utf8))
    }
    #expect(LabelVocabulary(labels: ["a", "a"]) == nil)
  }

  /// “é” of one scalar and “e” with an accent after it are equal Strings and two labels.
  @Test func labelsThatAreSpeltDifferentlyDiffer() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    let texts = [LabeledText(label: composed, otherLabels: [decomposed], text: "x")]
    let vocabulary = LabelVocabulary(of: texts)
    #expect(vocabulary.count == 2 && vocabulary.index(of: decomposed) == 0 && vocabulary.index(of: composed) == 1)
    #expect(try vocabulary.labelSets(of: texts) == RaggedIndices([[1, 0]] as [[Int32]]))
    let other = try #require(LabelVocabulary(labels: [composed, decomposed]))
    #expect(other != vocabulary && other.index(of: composed) == 0)
    #expect(try JSONDecoder().decode(LabelVocabulary.self, from: JSONEncoder().encode(other)) == other)
    #expect(LabelVocabulary(labels: [composed])?.index(of: decomposed) == nil)
    #expect(LabelVocabulary(labels: [composed]) != LabelVocabulary(labels: [decomposed]))
  }
}
