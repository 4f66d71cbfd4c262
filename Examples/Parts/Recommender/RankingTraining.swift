package import SliceGrad

/// Learns to rank the items that a user has chosen above others, by Bayesian personalized ranking. The ratings' values
/// don't matter.
package struct RankingTraining {
  package private(set) var model: RankingModel
  package private(set) var steps = 0
  private let data: RatingData
  private let chosen: [[Int32]]
  /// The ratings of users who have left something out: no item can be ranked below those of the others.
  private let pairs: [Rating]
  private let sampler: RowSampler
  private let seed: UInt64

  /// Throws `UsageError` if every user has chosen every item.
  package init(_ data: RatingData, dimensions: Int, seed: UInt64) throws(UsageError) {
    (self.data, self.seed) = (data, seed)
    let chosen = data.trainingByUser.map { $0.map(\.item) }
    self.chosen = chosen
    pairs = data.training.filter { Set(chosen[Int($0.user)]).count < data.itemCount }
    if pairs.isEmpty { throw UsageError("every user has rated every item: there is nothing to rank lower") }
    sampler = RowSampler(rowCount: data.itemCount)
    var generator = RandomGenerator(seed: seed)
    model = RankingModel(
      userCount: data.userCount, itemCount: data.itemCount, dimensions: dimensions, using: &generator)
  }

  /// Trains by a rule, whose learning rate falls to 0 on a line.
  package mutating func run(
    _ rule: some Optimizer<IndexedSlices<Float>>, epochs: Int, batchSize: Int, _ progress: Progress
  ) {
    var generator = RandomGenerator(seed: seed)
    var optimizer = ModelOptimizer(for: model, sparse: rule)
    let batches = pairs.batches(ofSize: batchSize)
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * batches.count)
    for epoch in 1...epochs {
      var sum: Float = 0
      for batch in batches.withShuffledExamples(using: &generator) {
        let users = batch.map(\.user)
        let candidates = candidates(batch, others: 1, without: chosen, using: &generator)
        // Does something only if the rule puts changes of rows off.
        optimizer.catchUp(&model, \.users, rows: users)
        optimizer.catchUp(&model, \.items, rows: candidates)
        optimizer.catchUp(&model, \.itemBiases, rows: candidates)
        let (loss, gradients) = valueWithGradients(at: model) { Self.loss($0, users, candidates) }
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        sum += loss
        progress.update(
          epoch: epoch, of: epochs, done: optimizer.step - (epoch - 1) * batches.count, of: batches.count, unit: "steps"
        )
      }
      progress.line("epoch \(epoch)/\(epochs)  loss \(Double(sum / Float(batches.count)).formatted(digits: 4))")
    }
    optimizer.settle(&model)
    steps = optimizer.step
  }

  /// For each rating its item, and then others that its user hasn't chosen.
  private func candidates(
    _ ratings: [Rating], others count: Int, without chosen: [[Int32]], using generator: inout RandomGenerator
  ) -> [Int32] {
    let excluded = RaggedIndices(ratings.map { chosen[Int($0.user)] })
    let others = sampler.draw(count, without: excluded, using: &generator)
    return ratings.enumerated().flatMap { place, rating in
      [rating.item] + others[place * count..<(place + 1) * count]
    }
  }

  /// The mean of −log σ(s − s′) for the scores s of each user's first candidate and s′ of the others.
  private static func loss(_ model: RankingModel, _ users: [Int32], _ candidates: [Int32]) -> Variable<Float> {
    let scores = model(users, candidates)
    let count = candidates.count / users.count
    return bayesianPersonalizedRanking(scores.slice(0..<1, axis: 1), scores.slice(1..<count, axis: 1))
  }

  /// The loss of what is to be tested, against 10 others each, which are the same in each call.
  package var testLoss: Double {
    var generator = RandomGenerator(seed: 1)
    let chosen = zip(chosen, data.testByUser).map { $0 + $1.map(\.item) }
    let asked = data.test.filter { Set(chosen[Int($0.user)]).count < data.itemCount }
    let sum = asked.batches(ofSize: 256).reduce(0) { sum, batch in
      let candidates = candidates(batch, others: 10, without: chosen, using: &generator)
      return sum + Double(Self.loss(model, batch.map(\.user), candidates).value.scalar) * Double(batch.count)
    }
    return sum / Double(asked.count)
  }

  /// How the model ranks what is to be tested.
  package var ranking: ItemRanking { ItemRanking(of: data) { model.scoresOfAllItems($0) } }
}
