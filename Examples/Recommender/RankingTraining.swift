import ExampleParts
import SliceGrad

import func Foundation.log2

/// Learns to rank the items that a user has chosen above others, by Bayesian personalized ranking. The ratings' values
/// don't matter.
struct RankingTraining {
  private(set) var model: RankingModel
  private let data: RatingData
  private let chosen: [[Int32]]
  /// The ratings of users who have left something out: no item can be ranked below those of the others.
  private let pairs: [Rating]

  /// Throws `UsageError` if every user has chosen every item.
  init(_ data: RatingData, _ options: Options) throws(UsageError) {
    self.data = data
    let chosen = data.trainingByUser.map { $0.map(\.item) }
    self.chosen = chosen
    pairs = data.training.filter { Set(chosen[Int($0.user)]).count < data.itemCount }
    if pairs.isEmpty { throw UsageError("every user has rated every item: there is nothing to rank lower") }
    var generator = RandomGenerator(seed: options.seed)
    model = RankingModel(
      userCount: data.userCount, itemCount: data.itemCount, dimensions: options.dimensions, using: &generator)
  }

  mutating func run(_ options: Options, _ progress: Progress) {
    var generator = RandomGenerator(seed: options.seed)
    let rule = SparseAdam<Float>(
      learningRate: options.learningRate ?? 0.01, weightDecay: .touchedRows(options.weightDecay ?? 0.5))
    var optimizer = ModelOptimizer(for: model, sparse: rule)
    let sampler = RowSampler(rowCount: data.itemCount)
    let batches = pairs.batches(ofSize: options.batchSize ?? 512)
    let epochs = options.epochs ?? 20
    let schedule = Schedule.linear(from: 1, to: 0, steps: epochs * batches.count)
    for epoch in 1...epochs {
      var sum: Float = 0
      for batch in batches.withShuffledExamples(using: &generator) {
        let users = batch.map(\.user)
        let others = sampler.draw(1, without: RaggedIndices(users.map { chosen[Int($0)] }), using: &generator)
        let candidates = zip(batch, others).flatMap { [$0.item, $1] }
        let (loss, gradients) = valueWithGradients(at: model) { model in
          let scores = model(users, candidates)
          return bayesianPersonalizedRanking(scores.slice(0..<1, axis: 1), scores.slice(1..<2, axis: 1))
        }
        optimizer.update(&model, with: gradients, learningRateFactor: schedule(optimizer.step))
        sum += loss
        progress.update("epoch \(epoch)/\(epochs)", done: optimizer.step, of: epochs * batches.count)
      }
      progress.line("epoch \(epoch)/\(epochs)  loss \(Double(sum / Float(batches.count)).formatted(digits: 4))")
    }
  }

  /// How the model ranks what is to be tested.
  var ranking: Ranking { Ranking(of: data) { model.scoresOfAllItems($0) } }
}

/// How high items rank that a user has chosen, among all items that the user isn't known to have chosen.
struct Ranking {
  /// The share of them that are among the first 10 (hit rate).
  private(set) var hitRate = 0.0
  /// The mean of 1 / log₂(rank + 1), 0 from rank 11 on (normalized discounted cumulative gain).
  private(set) var gain = 0.0

  init(of data: RatingData, _ scores: (_ users: [Int32]) -> Tensor<Float>) {
    let (known, tests) = (data.trainingByUser, data.testByUser)
    var count = 0
    for users in (0..<Int32(data.userCount)).filter({ !tests[Int($0)].isEmpty }).batches(ofSize: 64) {
      let scores = scores(users)
      for (place, user) in users.enumerated() {
        var candidates = Array(scores.row(place).elements)
        for rating in known[Int(user)] { candidates[Int(rating.item)] = -.infinity }
        for rating in tests[Int(user)] {
          count += 1
          let rank = Self.rank(of: scores[place, Int(rating.item)], among: candidates)
          guard rank <= 10 else { continue }
          hitRate += 1
          gain += 1 / log2(rank + 1)
        }
      }
    }
    (hitRate, gain) = (hitRate / Double(count), gain / Double(count))
  }

  /// 1 for the highest score; among equal scores the mean of their ranks. A score that isn't a number ranks last.
  static func rank(of score: Float, among candidates: [Float]) -> Double {
    guard !score.isNaN else { return Double(candidates.count) }
    let (higher, equal) = (candidates.count { $0 > score }, candidates.count { $0 == score })
    return Double(higher) + Double(equal + 1) / 2
  }
}
