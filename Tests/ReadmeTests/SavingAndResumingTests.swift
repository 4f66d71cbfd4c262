import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining
import TestSupport
import Testing

// The code of SavingAndResuming.md; the first test compares the two.

func trainedCircleModel(epochs: Int, checkpoint: URL) throws -> CircleModel {
  var generator = RandomGenerator(seed: 1)
  let model = CircleModel(using: &generator)
  let (points, targets) = points(640, using: &generator)
  let batches = Array(0..<640).batches(ofSize: 64)
  var training = TrainingState(model: model, optimizer: ModelOptimizer(for: model, dense: Adam(learningRate: 0.02)))
  if FileManager.default.fileExists(atPath: checkpoint.path) { try training.load(from: checkpoint) }
  while training.epoch < epochs {
    for batch in training.shuffled(batches) {  // those of this epoch that are left
      let (x, y) = (Tensor.stack(batch.map { points.row($0) }), Tensor.stack(batch.map { targets.row($0) }))
      let (_, gradients) = valueWithGradients(at: training.model) { model in sigmoidCrossEntropy(model(x), y) }
      training.update(with: gradients)
    }
    training.beginEpoch()
    try training.save(to: checkpoint)
  }
  return training.model
}

func copied(_ model: CircleModel, through url: URL) throws -> CircleModel {
  try model.save(to: url, metadata: ["accuracy": "0.97"])
  var generator = RandomGenerator(seed: 2)
  var other = CircleModel(using: &generator)
  try other.load(from: url)
  return other
}

struct Reading: Codable {
  let features: NGramFeatures
  let labels: LabelVocabulary
}

func save(_ model: TextClassifier, _ reading: Reading, to url: URL) throws {
  let json = String(decoding: try JSONEncoder().encode(reading), as: UTF8.self)
  try model.save(to: url, metadata: ["reading": json])
}

func loadedClassifier(from url: URL) throws -> (model: TextClassifier, reading: Reading) {
  let json = try SafetensorsFile(url).metadata["reading"] ?? ""
  let reading = try JSONDecoder().decode(Reading.self, from: Data(json.utf8))
  var model = untrainedModel(rows: reading.features.rowCount, labels: reading.labels.count)
  try model.load(from: url)
  return (model, reading)
}

struct SavingAndResumingTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/SavingAndResuming.md") }

  @Test("a classifier comes back with its features and labels")
  func classifierComesBack() throws {
    try withTemporaryDirectory { directory in
      let (texts, file) = (["to be", "or not"], directory.appending(path: "classifier"))
      let reading = Reading(
        features: NGramFeatures(of: texts, NGramConfiguration(buckets: 10)),
        labels: LabelVocabulary(of: [LabeledText(label: "a", text: texts[0]), LabeledText(label: "b", text: texts[1])]))
      let model = untrainedModel(rows: reading.features.rowCount, labels: 2)
      try save(model, reading, to: file)
      let loaded = try loadedClassifier(from: file)
      #expect(loaded.reading.features == reading.features && loaded.reading.labels.labels == ["a", "b"])
      #expect(loaded.model(loaded.reading.features.encode(texts)).value == model(reading.features.encode(texts)).value)
    }
  }

  @Test("its training goes on with the same bits, and its model comes back")
  func goesOn() throws {
    try withTemporaryDirectory { directory in
      let whole = try trainedCircleModel(epochs: 3, checkpoint: directory.appending(path: "whole"))
      let parts = directory.appending(path: "parts")
      let first = try trainedCircleModel(epochs: 1, checkpoint: parts)
      let second = try trainedCircleModel(epochs: 3, checkpoint: parts)
      #expect(second.hidden.weight == whole.hidden.weight && second.output.weight == whole.output.weight)
      #expect(first.hidden.weight != whole.hidden.weight)
      let copy = try copied(whole, through: directory.appending(path: "model"))
      #expect(copy.hidden.weight == whole.hidden.weight && copy.output.bias == whole.output.bias)
    }
  }
}
