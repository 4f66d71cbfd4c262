import ExampleParts

/// What a rule has learnt after the same steps as the others.
struct LearningFigure: Encodable {
  let figure = "learning"
  let task: String
  let rule: String
  /// The best on the validation data of those that were tried.
  let learningRate: Double
  let triedLearningRates: [Double]
  /// The first measure with each of them; null where it is no number.
  let validationLosses: [Double?]
  let steps: Int
  let seeds: Int
  /// By the keys of the task's measures.
  let results: [String: Result]

  /// A measure on test data.
  struct Result: Encodable {
    let test: SeedMean
    /// How much more than densified Adam with the same seed.
    let difference: SeedMean
    let differenceIsSignificant: Bool
    /// The largest difference of a seed, without its sign.
    let largestDifference: Double
    /// With densified Adam's learning rate, for rules that are Adam in some sense.
    let atDensifiedAdamsRate: SeedMean?

    /// Whether no seed shows a difference to densified Adam in four digits.
    var isTheSame: Bool { largestDifference < 5e-5 }
  }
}

/// Trains by each rule: with all of its learning rates and the seed 0 to choose one, and with that by all other seeds.
struct LearningComparison {
  private let seeds: [UInt64]

  /// - Parameter seeds: how many seeds there are, with 0; 3 or more.
  init(seeds: Int) { self.seeds = (1..<UInt64(seeds)).map { $0 } }

  /// A figure for each rule of a task, whose first one is densified Adam. Throws `MeasurementError` if numbers are none
  /// any more.
  func figures(of task: some LearningTask, _ progress: Progress) throws -> [LearningFigure] {
    var densified: (rate: Double, learnt: [Learnt])?
    return try task.rules.map { rule in
      progress.line("\(task.key): \(rule.name)")
      let (rate, losses) = try bestLearningRate(of: rule, task)
      let learnt = try learnt(rule, task, rate)
      let baseline = densified ?? (rate, learnt)
      densified = baseline
      var atDensifiedAdamsRate: [Learnt]?
      if Rule.adams.contains(where: { $0.key == rule.key }) {
        atDensifiedAdamsRate = rate == baseline.rate ? learnt : try self.learnt(rule, task, baseline.rate)
      }
      var results: [String: LearningFigure.Result] = [:]
      for (place, measure) in task.measures.enumerated() {
        let differences = zip(learnt, baseline.learnt).map { $0.values[place] - $1.values[place] }
        let difference = SeedMean(differences)
        results[measure.key] = LearningFigure.Result(
          test: SeedMean(learnt.map { $0.values[place] }), difference: difference,
          differenceIsSignificant: difference.isSignificant, largestDifference: differences.map(abs).max()!,
          atDensifiedAdamsRate: atDensifiedAdamsRate.map { SeedMean($0.map { $0.values[place] }) })
      }
      return LearningFigure(
        task: task.key, rule: rule.key, learningRate: rate, triedLearningRates: task.learningRates(of: rule),
        validationLosses: losses.map { $0.isFinite ? $0 : nil }, steps: learnt[0].steps, seeds: seeds.count,
        results: results)
    }
  }

  private func bestLearningRate(of rule: Rule, _ task: some LearningTask) throws -> (rate: Double, losses: [Double]) {
    let rates = task.learningRates(of: rule)
    let losses = try rates.map {
      try task.train(rule, learningRate: $0, seed: 0, lookingAt: .validation).values[0]
    }
    // A rate too high can end in a loss that is no number, which is less than none.
    guard let best = losses.indices.filter({ losses[$0].isFinite }).min(by: { losses[$0] < losses[$1] }) else {
      throw MeasurementError(description: "\(rule.name): no learning rate of \(rates) gives a finite loss")
    }
    return (rates[best], losses)
  }

  private func learnt(_ rule: Rule, _ task: some LearningTask, _ rate: Double) throws -> [Learnt] {
    try seeds.map { seed in
      let learnt = try task.train(rule, learningRate: rate, seed: seed, lookingAt: .test)
      guard learnt.values.allSatisfy(\.isFinite) else {
        throw MeasurementError(
          description: "\(task.key): \(rule.name) with learning rate \(rate) and seed \(seed) gives \(learnt.values)")
      }
      return learnt
    }
  }
}
