import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

/// What fastText says with the models of `Fixtures`.
private struct Expected {
  struct Labelled: Equatable {
    let label: String
    let probability: Double
  }

  let texts: [String]
  let vectors: [String: [Double]]
  private let contents: [String: Any]

  init() throws {
    let json = try Data(contentsOf: URL(filePath: fixture("fasttext.json")))
    contents = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
    texts = try #require(contents["texts"] as? [String])
    vectors = try #require(contents["vectors"] as? [String: [Double]])
  }

  /// For each text the best labels.
  func labels(_ model: String) throws -> [[Labelled]] {
    let lines = try #require(contents[model] as? [[[Any]]])
    return try lines.map { line in
      try line.map { pair in
        let label = try #require(pair[0] as? String)
        return Labelled(
          label: String(label.dropFirst("__label__".count)), probability: try #require(pair[1] as? Double))
      }
    }
  }
}

/// The path of a file of `Fixtures`.
func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures")).path
}

@Suite struct FastTextModelTests {
  /// Expects fastText's labels in its order, and the six digits of its probabilities.
  private func check(_ model: FastTextModel, _ name: String) throws {
    let expected = try Expected()
    let lines = try expected.labels(name)
    #expect(lines.count == expected.texts.count && lines.count == 13)
    for (text, line) in zip(expected.texts, lines) {
      let found = model.mostProbable(5, for: text)
      #expect(found.map(\.label) == line.map(\.label), "\(name), \(text)")
      for (labelled, other) in zip(found, line) {
        #expect(abs(Double(labelled.probability) - other.probability) < 6e-6 * other.probability, "\(name), \(text)")
      }
    }
  }

  @Test(
    "the predictions are fastText's, whatever the loss, the n-grams and the quantization",
    arguments: [
      "softmax.bin", "one-vs-all.bin", "hierarchical.bin", "negative.bin", "no-end.bin", "pruned.ftz", "output.ftz",
    ])
  func predicts(name: String) throws {
    try check(FastTextModel(fixture(name)), name)
  }

  @Test func aClassifierOfVersion11HasNoCharacterNGrams() throws {
    var bytes = try Array(Data(contentsOf: URL(filePath: fixture("softmax.bin"))))
    bytes[4] = 11
    try withTemporaryFile(bytes, name: "old.bin") { try check(FastTextModel($0), "version 11") }
  }

  @Test func labelsAndSizes() throws {
    let model = try FastTextModel(fixture("softmax.bin"))
    #expect(model.labels == ["tea", "rain", "train", "owl", "cat"])
    #expect(model.wordCount == 56 && model.dimensions == 4)
    #expect(model.mostProbable(3, for: "tea").count == 3 && model.mostProbable(9, for: "tea").count == 5)
  }

  @Test func aLineFeedEndsTheText() throws {
    let model = try FastTextModel(fixture("negative.bin"))
    func labels(_ text: String) -> [Float] { model.mostProbable(5, for: text).map(\.probability) }
    #expect(labels("rain \n tea tea") == labels("rain") && labels("rain\ntea tea") == labels("rain"))
    #expect(labels("rain\r\0tea") == labels("rain tea") && labels("rain tea") != labels("rain"))
  }

  @Test func nothingIsKnownOfATextWithoutFeatures() throws {
    #expect(try FastTextModel(fixture("no-end.bin")).mostProbable(1, for: "z").isEmpty)
  }

  @Test func wordVectorsAreFastTexts() throws {
    let model = try FastTextModel(fixture("skipgram.bin"))
    #expect(model.labels.isEmpty && model.mostProbable(1, for: "tea").isEmpty)
    let expected = try Expected().vectors
    #expect(expected.count == 7)
    let (vocabulary, table) = try model.wordVectors()
    #expect(vocabulary.count == model.wordCount && table.value.shape == [model.wordCount, 4])
    for (word, numbers) in expected {
      let vector = try #require(model.vector(of: word), "\(word)")
      for (a, b) in zip(vector.elements, numbers) { #expect(abs(Double(a) - b) < 6e-5 * abs(b), "\(word)") }
      if let row = vocabulary.row(of: word) { #expect(table.value.row(Int(row)) == vector, "\(word)") }
    }
    #expect(vocabulary.row(of: "tea") != nil && vocabulary.row(of: "rainy") == nil)
  }

  @Test func aLabelHasNoVectorNorHasAWordWithoutFeatures() throws {
    let model = try FastTextModel(fixture("one-vs-all.bin"))
    #expect(model.vector(of: "__label__tea") == nil && model.vector(of: "unheard") == nil)
    #expect(model.vector(of: "tea") != nil)
  }

  @Test func aWordThatIsNotUTF8HasNoNameInATable() throws {
    var bytes = try Array(Data(contentsOf: URL(filePath: fixture("skipgram.bin"))))
    bytes[92] = 0xFF  // the first byte of the first word
    try withTemporaryFile(bytes, name: "words.bin") { path in
      let model = try FastTextModel(path)
      let error = try #require(throws: DataError.self) { try model.wordVectors() }
      #expect(error.found.hasPrefix("word 1, “\u{FFFD}"))
    }
  }

  @Test func filesAreRecognizedByTheirBeginning() throws {
    let files = try ["softmax.bin", "pruned.ftz", "generate.py"].map(fixture) + ["/no/file"]
    #expect(files.map(FastTextModel.recognizes) == [true, true, false, false])
  }

  @Test func zeroLabelsTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = try FastTextModel(fixture("softmax.bin")).mostProbable(0, for: "tea")
    }
  }
}
