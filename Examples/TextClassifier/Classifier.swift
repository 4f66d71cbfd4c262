import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

/// A trained model with what turns texts into its input, and its output into labels.
struct Classifier {
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

  /// A label as people call it.
  func name(of label: String) -> String { isOfNames ? NamesDataSet.englishName(ofLanguage: label) ?? label : label }
}

// One safetensors file: the tensors are the model's, the metadata say how it reads texts.
extension Classifier {
  /// What a file says besides the tensors.
  private struct Reading: Codable {
    let features: NGramFeatures
    let labels: LabelVocabulary
    let isOfNames: Bool
  }

  private static let key = "TextClassifier"

  /// Writes it to a file, which is replaced as a whole.
  func save(to path: String) throws {
    let reading = try JSONEncoder().encode(Reading(features: features, labels: labels, isOfNames: isOfNames))
    try model.save(to: URL(filePath: path), metadata: [Self.key: String(decoding: reading, as: UTF8.self)])
  }

  /// Reads what `save` wrote. Throws `CheckpointError` for another file.
  init(contentsOf path: String) throws(CheckpointError) {
    let file = try SafetensorsFile(path: path)
    guard let json = file.metadata[Self.key],
      let reading = try? JSONDecoder().decode(Reading.self, from: Data(json.utf8)),
      let dimensions = file["embedding.weight"]?.shape.last
    else {
      throw CheckpointError(
        path: path, found: "no features and labels in the metadata", expected: "a file that --save wrote")
    }
    var generator = RandomGenerator(seed: 0)
    var model = TextModel(
      features: reading.features.rowCount, dimensions: dimensions, classes: reading.labels.count, using: &generator)
    try model.load(from: URL(filePath: path))
    self.model = model
    features = reading.features
    labels = reading.labels
    isOfNames = reading.isOfNames
  }
}
