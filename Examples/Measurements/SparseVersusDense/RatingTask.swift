import ExampleParts

/// The recommender of the example of that name learns how users rate.
struct RatingTask: LearningTask {
  let key = "ratings"
  let title: String
  let rules = Rule.adams
  let measures = [Measure.rootMeanSquareError]
  private let setup: RecommenderSetup

  init(_ setup: RecommenderSetup) {
    self.setup = setup
    title = "Ratings that users give: \(setup)"
  }

  func learningRates(of rule: Rule) -> [Double] { setup.learningRates }

  func train(_ rule: Rule, learningRate: Double, seed: UInt64, lookingAt part: DataPart) throws -> Learnt {
    let ratings = try setup.ratings(seed: seed, latestOfEachUser: false, lookingAt: part)
    var training = RatingTraining(ratings, dimensions: setup.dimensions, seed: seed)
    training.run(
      factors: rule.make(learningRate), biases: rule.make(learningRate), epochs: setup.epochs, batchSize: 32,
      Progress(isQuiet: true))
    return Learnt(values: [training.rootMeanSquareError(on: ratings.testByUser)], steps: training.steps)
  }
}
