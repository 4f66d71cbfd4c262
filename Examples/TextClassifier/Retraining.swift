import ExampleParts
import SliceGrad
import SliceGradText

extension Classifier {
  /// Goes on training, so that the rows that are left do the work of those that were taken away. The learning rates
  /// fall linearly to 0. Throws `TrainingError` if the model is no number any more.
  func retrained(on data: TextDataSet, epochs: Int, _ progress: Progress) throws -> Classifier {
    guard epochs > 0 else { return self }
    var model = model
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: 0.005), sparse: SparseAdam(learningRate: 0.01, beta1: 0.5))
    let batchSize = 64
    let steps = epochs * data.batches(ofSize: batchSize).count
    let schedule = Schedule.linear(from: 1, to: 0, steps: steps)
    var generator = RandomGenerator(seed: 1)
    for epoch in 1...epochs {
      var count = 0
      for batch in data.shuffledBatches(ofSize: batchSize, using: &generator) {
        let (value, gradients) = valueWithGradients(at: model) { model in
          loss(model(batch.texts), batch, ownWeights: nil)
        }
        try TrainingError.check(value, ofStep: optimizer.step + 1, gradients, of: model)
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        count += batch.count
        progress.update(epoch: epoch, of: epochs, done: count, of: data.count)
      }
    }
    try TrainingError.check(model)
    return Classifier(
      model: model, features: features, labels: labels, isOfNames: isOfNames, loss: loss, threshold: threshold)
  }
}
