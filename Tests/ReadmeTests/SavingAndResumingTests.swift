import Foundation
import SliceGrad
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

struct SavingAndResumingTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/SavingAndResuming.md") }

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
