package import SliceGrad

/// Learns to predict ratings.
package struct RatingTraining {
  package private(set) var model: RatingModel
  package private(set) var steps = 0
  private let data: RatingData
  private let byUser: [[Rating]]
  private let seed: UInt64

  package init(_ data: RatingData, dimensions: Int, seed: UInt64) {
    (self.data, self.seed) = (data, seed)
    byUser = data.trainingByUser
    var generator = RandomGenerator(seed: seed)
    model = RatingModel(
      userCount: data.userCount, itemCount: data.itemCount, dimensions: dimensions, mean: Float(data.mean),
      using: &generator)
  }

  /// Trains by a rule for the factors and one for the biases, whose learning rates fall to 0 on a line.
  package mutating func run(
    factors: some Optimizer<IndexedSlices<Float>>, biases: some Optimizer<IndexedSlices<Float>>, epochs: Int,
    batchSize: Int, _ progress: Progress
  ) {
    var generator = RandomGenerator(seed: seed)
    var optimizer = ModelOptimizer(
      for: model, sparse: factors,
      overrides: [.rule(sparse: biases, for: \.userBiases), .rule(sparse: biases, for: \.itemBiases)])
    let active = (0..<Int32(data.userCount)).filter { !byUser[Int($0)].isEmpty }
    let batches = active.batches(ofSize: batchSize)
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * batches.count)
    for epoch in 1...epochs {
      for users in batches.withShuffledExamples(using: &generator) {
        let batch = UserBatch(Array(users), seen: byUser, asked: byUser)
        optimizer.catchUp(&model, withRowsOf: batch)
        let (_, gradients) = valueWithGradients(at: model) { model in
          meanSquaredError(model(batch), batch.ratings)
        }
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        progress.update(
          epoch: epoch, of: epochs, done: optimizer.step - (epoch - 1) * batches.count, of: batches.count, unit: "steps"
        )
      }
      if epoch.isMultiple(of: 5) || epoch == epochs {
        optimizer.settle(&model)
        progress.line("epoch \(epoch)/\(epochs)  RMSE \(describedErrors)")
      }
    }
    steps = optimizer.step
  }

  private var describedErrors: String {
    let (training, test) = (rootMeanSquareError(on: byUser), rootMeanSquareError(on: data.testByUser))
    return "training \(training.formatted(digits: 4)), test \(test.formatted(digits: 4))"
  }

  /// √(Σ (rating − prediction)² / n) of ratings by user. Predictions are kept within the ratings that there are.
  package func rootMeanSquareError(on ratings: [[Rating]]) -> Double {
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

extension ModelOptimizer<RatingModel> {
  /// Does what a rule has put off for the rows that a step will read, if it puts anything off.
  fileprivate mutating func catchUp(_ model: inout RatingModel, withRowsOf batch: UserBatch) {
    catchUp(&model, \.users, rows: batch.users)
    catchUp(&model, \.items, rows: batch.items)
    catchUp(&model, \.implicit, rows: batch.seen)
    catchUp(&model, \.userBiases, rows: batch.users)
    catchUp(&model, \.itemBiases, rows: batch.items)
  }
}
