import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A trained model with what turns texts into its input, and its output into labels.
struct Classifier: TextLabeler {
  let model: TextModel
  let features: NGramFeatures
  let labels: LabelVocabulary
  /// Whether the labels are languages, by the names that Foundation brings along.
  let isOfNames: Bool

  /// The most probable labels of each text, best first.
  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]] {
    guard !texts.isEmpty else { return [] }
    let logits = model(features.encode(texts)).value
    let count = min(count, logits.shape[1])
    let (probabilities, classes) = logits.softmax().topK(count)
    return texts.indices.map { row in
      (0..<count).map { (labels[classes[row * count + $0]], probabilities[row, $0]) }
    }
  }

  /// The vector of each word, the mean of those of its features, `[words, dimensions]`.
  var wordVectors: Tensor<Float> { model.embedding(features.encode(features.vocabulary.words)).value }

  /// The words by their vectors. Of others, those are known that are made of n-grams.
  var wordSpace: WordSpace {
    WordSpace(features.vocabulary, wordVectors) { word in
      let rows = features.rows(of: word)
      return rows.isEmpty ? nil : model.embedding(RaggedIndices([rows])).value
    }
  }

  /// A label as people call it.
  func name(of label: String) -> String { isOfNames ? NamesDataSet.englishName(ofLanguage: label) ?? label : label }
}

// One safetensors file: the tensors are the model's, the words and the labels, the metadata say how it reads texts.
extension Classifier {
  /// What a file says besides the tensors.
  private struct Reading: Codable {
    let configuration: NGramConfiguration
    let isOfNames: Bool
  }

  private static let key = "TextClassifier"

  /// Writes it to a file, which is replaced as a whole.
  func save(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys  // the same bytes for the same classifier
    let reading = try encoder.encode(Reading(configuration: features.configuration, isOfNames: isOfNames))
    var writer = SafetensorsWriter(metadata: [Self.key: String(decoding: reading, as: UTF8.self)])
    writer.add("embedding.weight", model.embedding.weight.value)
    writer.add("output.weight", model.output.weight.value)
    writer.add("output.bias", model.output.bias!.value)
    for (name, lines) in [("words", features.vocabulary.words), ("labels", labels.labels)] {
      let text = Array(lines.joined(separator: "\n").utf8)
      writer.add(name, dtype: .u8, shape: [text.count], pieces: [text])
    }
    try writer.write(to: URL(filePath: path))
  }

  /// Reads what `save` wrote. Throws `CheckpointError` for another file.
  init(contentsOf path: String) throws(CheckpointError) {
    let file = try SafetensorsFile(path: path)
    guard let json = file.metadata[Self.key],
      let reading = try? JSONDecoder().decode(Reading.self, from: Data(json.utf8))
    else {
      throw CheckpointError(
        path: path, found: "no features in the metadata",
        expected: "a file that --save wrote; an older one has its words there, and has to be trained anew")
    }
    try file.checkIsUndamaged()
    func lines(_ name: String) throws(CheckpointError) -> [String] {
      try file.bytes(of: name).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
    func error(_ name: String, _ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, tensor: name, found: found, expected: expected)
    }
    guard let vocabulary = WordVocabulary(words: try lines("words")) else {
      throw error("words", "a word twice", "different words")
    }
    guard let labels = LabelVocabulary(labels: try lines("labels")), labels.count > 0 else {
      throw error("labels", "none, or one twice", "different labels")
    }
    /// A tensor that is as large as the words and labels say: what the metadata say may ask for any memory.
    func tensor(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor<Float> {
      guard let entry = file[name], entry.shape == shape else {
        throw error(name, file[name].map { "shape \($0.shape)" } ?? "none", "shape \(shape)")
      }
      let tensor: Tensor<Float> = try file.tensor(name)
      guard tensor.isFinite else { throw error(name, "numbers that are not finite", "finite ones") }
      return tensor
    }
    let rows = vocabulary.count + reading.configuration.buckets
    let columns = file["embedding.weight"]?.shape.last ?? 1
    model = TextModel(
      embedding: EmbeddingBag(weight: try tensor("embedding.weight", [rows, columns])),
      output: Dense(
        weight: try tensor("output.weight", [labels.count, columns]), bias: try tensor("output.bias", [labels.count])))
    features = NGramFeatures(reading.configuration, vocabulary: vocabulary)
    self.labels = labels
    isOfNames = reading.isOfNames
  }
}
