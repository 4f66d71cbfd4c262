import ExampleParts
import SliceGrad

/// Learns to foretell ratings.
struct RatingTraining {
  private(set) var model: RatingModel
  private let data: RatingData
  private let byUser: [[Rating]]

  init(_ data: RatingData, _ options: Options) {
    self.data = data
    byUser = data.trainingByUser
    var generator = RandomGenerator(seed: options.seed)
    let mean = data.training.reduce(0) { $0 + Double($1.value) } / Double(data.training.count)
    model = RatingModel(
      userCount: data.userCount, itemCount: data.itemCount, dimensions: options.dimensions, mean: Float(mean),
      using: &generator)
  }

  mutating func run(_ options: Options, _ progress: Progress) {
    var generator = RandomGenerator(seed: options.seed)
    func rule(weightDecay: Double) -> SparseAdam<Float> {
      SparseAdam(learningRate: options.learningRate ?? 0.04, weightDecay: .touchedRows(weightDecay))
    }
    // Biases are means of many ratings: they need less to keep them small.
    let (factors, biases) = (rule(weightDecay: options.weightDecay ?? 7), rule(weightDecay: 1))
    var optimizer = ModelOptimizer(
      for: model, sparse: factors,
      overrides: [.rule(sparse: biases, for: \.userBiases), .rule(sparse: biases, for: \.itemBiases)])
    let active = (0..<Int32(data.userCount)).filter { !byUser[Int($0)].isEmpty }
    let batches = active.batches(ofSize: options.batchSize ?? 32)
    let epochs = options.epochs ?? 30
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * batches.count)
    for epoch in 1...epochs {
      for users in batches.withShuffledExamples(using: &generator) {
        let batch = UserBatch(Array(users), seen: byUser, asked: byUser)
        let (_, gradients) = valueWithGradients(at: model) { model in
          meanSquaredError(model(batch), batch.ratings)
        }
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        progress.update("epoch \(epoch)/\(epochs)", done: optimizer.step, of: epochs * batches.count)
      }
      if epoch.isMultiple(of: 5) || epoch == epochs {
        let (training, test) = (rootMeanSquareError(on: byUser), rootMeanSquareError(on: data.testByUser))
        progress.line(
          "epoch \(epoch)/\(epochs)  RMSE training \(training.formatted(digits: 4)), "
            + "test \(test.formatted(digits: 4))")
      }
    }
  }

  /// √(Σ (rating − prediction)² / n) of ratings by user. Predictions are kept within the ratings that there are.
  func rootMeanSquareError(on ratings: [[Rating]]) -> Double {
    var (sum, count) = (0.0, 0)
    for users in (0..<Int32(data.userCount)).filter({ !ratings[Int($0)].isEmpty }).batches(ofSize: 64) {
      let batch = UserBatch(Array(users), seen: byUser, asked: ratings)
      let differences = model(batch).value.clamped(to: data.range) - batch.ratings
      sum += differences.squaredNorm
      count += differences.count
    }
    return (sum / Double(count)).squareRoot()
  }
}
