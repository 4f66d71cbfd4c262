import ExampleParts
import Foundation
import Testing

@testable import SparseVersusDense

/// How SparseVersusDense compares what rules learn: the choice of learning rates, seeds, means, what is said of them.
struct LearningComparisonTests {
  /// A task whose results are known. Its loss is least at the learning rate 0.1, and for SGD is no number above it.
  private struct KnownTask: LearningTask {
    let key = "known"
    let title = "Known numbers"
    let rules: [Rule]
    let measures = [Measure.loss, .accuracy]
    var rates = [0.01, 0.1, 1]

    func learningRates(of rule: Rule) -> [Double] { rule.key == "adagrad" ? [1] : rates }

    func train(_ rule: Rule, learningRate: Double, seed: UInt64, lookingAt part: DataPart) -> Learnt {
      #expect((part == .validation) == (seed == 0))
      if rule.key == "sgd" && learningRate > 0.1 { return Learnt(values: [.nan, 0], steps: 7) }
      let loss = abs(log10(learningRate) + 1) + Double(seed * seed)
      let excesses = ["adagrad": 0.25 + Double(seed) / 8, "sparseAdamDecayed": 0.125]
      let excess = excesses[rule.key, default: 0]
      return Learnt(values: [loss + excess, 0.5 - excess / 8], steps: 7)
    }
  }

  @Test("the learning rate that validates best is taken for the other seeds, which are compared one by one")
  func compares() throws {
    let task = KnownTask(rules: [.densifiedAdam, .sparseAdams[2], .caughtUp, .sgd, .adagrad])
    let figures = try LearningComparison(seeds: 4).figures(of: task, Progress(isQuiet: true))
    #expect(figures.map(\.learningRate) == [0.1, 0.1, 0.1, 0.1, 1])
    #expect(figures[0].validationLosses == [1, 0, 1] && figures[3].validationLosses == [1, 0, nil])
    #expect(figures.allSatisfy { $0.seeds == 3 && $0.steps == 7 })
    let losses = figures.map { $0.results["loss"]! }
    // 1, 4 and 9; and 2.375, 5.5 and 10.625 of Adagrad.
    #expect(abs(losses[0].test.mean - 14.0 / 3) < 1e-12 && abs(losses[4].test.mean - 18.5 / 3) < 1e-12)
    #expect(abs(losses[0].test.standardError - (49.0 / 9).squareRoot()) < 1e-12)
    #expect(losses.map(\.difference.mean) == [0, 0.125, 0, 0, 1.5])
    #expect(losses.map(\.largestDifference) == [0, 0.125, 0, 0, 1.625])
    #expect(losses.map(\.isTheSame) == [true, false, true, true, false])
    #expect(losses.map { $0.atDensifiedAdamsRate?.mean == $0.test.mean } == [true, true, true, false, false])
    #expect(figures[4].results["accuracy"]!.difference.mean == -0.0625)
  }

  @Test("numbers that are none are no results")
  func refusesNoNumbers() {
    func error(_ rates: [Double]) -> String? {
      let task = KnownTask(rules: [.sgd], rates: rates)
      let error = #expect(throws: MeasurementError.self) {
        try LearningComparison(seeds: 3).figures(of: task, Progress(isQuiet: true))
      }
      return error?.description
    }
    #expect(error([1, 10]) == "SGD: no learning rate of [1.0, 10.0] gives a finite loss")
  }

  @Test("a mean over seeds, its standard error, and whether chance explains it")
  func takesMeans() {
    let mean = SeedMean([1, 2, 3, 4])
    #expect(mean.mean == 2.5 && abs(mean.standardError - 0.6454972243679028) < 1e-15)
    #expect(mean.text == "2.5000 ± 0.6455")
    // Student's t has to be above 3.182 with 4 values: here it is 3.87; and above 12.7 with 2, where it is 3.
    #expect(mean.isSignificant && !SeedMean([1, 2]).isSignificant)
    // 3.18 and 3.19
    #expect(!SeedMean([-3, -1, 1, 3].map { $0 + 3.18 * (5.0 / 3).squareRoot() }).isSignificant)
    #expect(SeedMean([-3, -1, 1, 3].map { $0 + 3.19 * (5.0 / 3).squareRoot() }).isSignificant)
    #expect(SeedMean([2, 2]).isSignificant && !SeedMean([0, 0]).isSignificant)
  }

  @Test("the conclusion names the rules that differ beyond chance")
  func concludes() throws {
    let task = KnownTask(rules: [.densifiedAdam, .sparseAdams[2], .caughtUp, .adagrad])
    let figures = try LearningComparison(seeds: 4).figures(of: task, Progress(isQuiet: true))
    #expect(
      Conclusion([], figures, []).text
        == "known: densified Adam's accuracy is 0.5000 ± 0.0000; beyond chance, SparseAdam, decayed by 0.0156, Adagrad "
        + "by 0.0625 are worse, none is better. SparseAdam, caught up differs from densified Adam by at most 0 in any "
        + "seed and measure.")
  }

  @Test("what is kept for the test or the validation isn't learnt from", arguments: [true, false])
  func splitsRatings(latestOfEachUser: Bool) throws {
    func pairs(_ ratings: [Rating]) -> Set<[Int32]> { Set(ratings.map { [$0.user, $0.item] }) }
    let file = RatingData(
      training: (0..<300).map { Rating(user: $0 % 20, item: $0 / 20, value: 1, time: Int64($0)) }, test: [],
      userCount: 20, itemCount: 15)
    for setup in [file, nil].map({ RecommenderSetup($0, isQuick: true, seeds: 2) }) {
      let parts = try [DataPart.test, .validation].map {
        try setup.ratings(seed: 1, latestOfEachUser: latestOfEachUser, lookingAt: $0)
      }
      let (test, validation) = (pairs(parts[0].test), pairs(parts[1].test))
      #expect(!test.isEmpty && !validation.isEmpty && test.isDisjoint(with: validation))
      #expect(pairs(parts[0].training).isDisjoint(with: test))
      #expect(pairs(parts[1].training).union(validation) == pairs(parts[0].training))
      #expect(pairs(parts[1].training).isDisjoint(with: validation))
    }
    let few = RatingData(training: Array(file.training.prefix(2)), test: [], userCount: 20, itemCount: 15)
    let error = #expect(throws: UsageError.self) {
      try RecommenderSetup(few, isQuick: true, seeds: 1).ratings(
        seed: 0, latestOfEachUser: latestOfEachUser, lookingAt: .validation)
    }
    #expect(error?.description == "--ratings: found too few ratings to keep some for the test")
  }
}
