import ExampleParts

/// The recommender of the example of that name learns what users choose, to rank it above the rest.
struct RankingTask: LearningTask {
  let key = "choices"
  let title: String
  let rules = Rule.adams
  let measures = [Measure.loss, .hitRate]
  private let setup: RecommenderSetup

  /// Throws `UsageError` if there is nothing to rank, before anything is measured.
  init(_ setup: RecommenderSetup) throws {
    self.setup = setup
    title = "Items that users choose: \(setup)"
    _ = try training(seed: 0, lookingAt: .validation)
  }

  func learningRates(of rule: Rule) -> [Double] { setup.learningRates }

  func train(_ rule: Rule, learningRate: Double, seed: UInt64, lookingAt part: DataPart) throws -> Learnt {
    var training = try training(seed: seed, lookingAt: part)
    training.run(rule.make(learningRate), epochs: setup.epochs, batchSize: 128, Progress(isQuiet: true))
    return Learnt(values: [training.testLoss, training.ranking.hitRate], steps: training.steps)
  }

  private func training(seed: UInt64, lookingAt part: DataPart) throws -> RankingTraining {
    let ratings = try setup.ratings(seed: seed, latestOfEachUser: true, lookingAt: part)
    return try RankingTraining(ratings, dimensions: setup.dimensions, seed: seed)
  }
}
