import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import ExampleParts

struct RecommenderTests {
  private let program = Program(name: "Recommender")

  /// On few planted factors, ratings are foretold better than by their mean and not better than the noise allows.
  @Test func plantedRatings() throws {
    let planted = PlantedFactors(users: 120, items: 60, seed: 3)
    var training = RatingTraining(planted.data, dimensions: 8, seed: 1)
    let before = training.rootMeanSquareError(on: planted.data.testByUser)
    let rule = SparseAdam<Float>(learningRate: 0.04, weightDecay: .touchedRows(3))
    training.run(factors: rule, biases: rule, epochs: 20, batchSize: 32, Progress(isQuiet: true))
    let after = training.rootMeanSquareError(on: planted.data.testByUser)
    #expect(after < 0.85 * before && after > Double(PlantedFactors.noise))
    #expect(abs(before / planted.data.errorOfMean - 1) < 0.05)
  }

  /// On few planted factors, what users chose ranks higher than by popularity, and not much higher than by the truth.
  @Test func plantedChoices() throws {
    let planted = PlantedFactors(users: 120, items: 60, seed: 3)
    var training = try RankingTraining(planted.data, dimensions: 8, seed: 1)
    let (before, lossBefore) = (training.ranking, training.testLoss)
    let rule = SparseAdam<Float>(learningRate: 0.01, weightDecay: .touchedRows(0.5))
    training.run(rule, epochs: 10, batchSize: 512, Progress(isQuiet: true))
    // Numbers near 0 can't tell what a user likes better.
    #expect(abs(lossBefore - log(2)) < 0.01 && training.testLoss < lossBefore - 0.05)
    let truth = ItemRanking(of: planted.data) { users in Variable(planted.scores).gather(users).value }
    #expect(training.ranking.hitRate > before.hitRate + 0.05 && training.ranking.gain > before.gain)
    #expect(training.ranking.hitRate < truth.hitRate + 0.05)
  }

  /// A few users give many ratings, and a few items get many.
  @Test func plantedPopularity() {
    let data = PlantedFactors(users: 100, items: 80, ratings: 40, activity: 0.5, popularity: 1, seed: 1).data
    let counts = zip(data.trainingByUser, data.testByUser).map { $0.count + $1.count }
    #expect([0, 1, 3, 99].map { counts[$0] } == [40, 28, 20, 5])
    #expect(data.testByUser.map(\.count).prefix(10) == [4, 2, 2, 2, 1, 1, 1, 1, 1, 1])
    var popularity = [Int](repeating: 0, count: 80)
    for rating in data.training { popularity[Int(rating.item)] += 1 }
    #expect(popularity.prefix(20).reduce(0, +) > 3 * popularity.suffix(20).reduce(0, +))
    #expect(PlantedFactors(seed: 1).data.trainingByUser.allSatisfy { $0.count == 36 })
  }

  /// The loss of a test against what its scores say.
  @Test func lossOfTheTest() throws {
    // The only item that the user hasn't chosen is the other one of each pair.
    let chosen = [0, 1, 3].map { Rating(user: 0, item: $0, value: 1, time: 0) }
    let data = RatingData(training: Array(chosen[..<2]), test: [chosen[2]], userCount: 1, itemCount: 4)
    var training = try RankingTraining(data, dimensions: 4, seed: 1)
    training.run(SGD<IndexedSlices<Float>>(learningRate: 0.1), epochs: 3, batchSize: 2, Progress(isQuiet: true))
    let scores = training.model.scoresOfAllItems([0])
    let expected = log(1 + exp(Double(scores[0, 2] - scores[0, 3])))
    #expect(abs(training.testLoss - expected) < 1e-6)
  }

  /// The model's ratings against a loop.
  @Test func ratingsOfTheModel() {
    var generator = RandomGenerator(seed: 1)
    let model = RatingModel(userCount: 3, itemCount: 5, dimensions: 4, mean: 3, using: &generator)
    func rating(_ user: Int32, _ item: Int32) -> Rating { Rating(user: user, item: item, value: 2, time: 0) }
    let seen = [[rating(0, 1), rating(0, 4)], [], [rating(2, 2)]]
    let asked = [[rating(0, 3)], [rating(1, 0), rating(1, 1)], [rating(2, 2)]]
    let found = model(UserBatch([2, 0, 1], seen: seen, asked: asked)).value
    for (place, pair) in [asked[2][0], asked[0][0], asked[1][0], asked[1][1]].enumerated() {
      var taste = Array(model.users.weight.value.row(Int(pair.user)).elements)
      let known = seen[Int(pair.user)]
      for other in known {
        for (column, number) in model.implicit.weight.value.row(Int(other.item)).elements.enumerated() {
          taste[column] += number / Float(known.count).squareRoot()
        }
      }
      let product = zip(taste, model.items.weight.value.row(Int(pair.item)).elements).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(found[place] - (3 + product)) < 1e-5)
    }
  }

  /// Equal scores share their ranks.
  @Test func ranks() {
    #expect(ItemRanking.rank(of: 3, among: [1, 3, 2]) == 1)
    #expect(ItemRanking.rank(of: 1, among: [1, 3, 2]) == 3)
    #expect(ItemRanking.rank(of: 2, among: [2, 2, 2, 5]) == 3)
    #expect(ItemRanking.rank(of: .nan, among: [.nan, 2, 1]) == 3)
    let ratings = [(0, 2), (1, 0)].map { Rating(user: $0.0, item: $0.1, value: 1, time: 0) }
    let known = [Rating(user: 0, item: 1, value: 1, time: 0)]
    let data = RatingData(training: known, test: ratings, userCount: 2, itemCount: 12)
    let scores = Tensor<Float>([(0..<12).map { $0 == 1 ? 9 : $0 == 2 ? 8 : 0 }, (0..<12).map { Float($0) }])
    let ranking = ItemRanking(of: data) { users in Variable(scores).gather(users).value }
    #expect(ranking.hitRate == 0.5 && ranking.gain == 0.5)  // ranks 1 and 12
    // An item that was learnt from isn't tested.
    let overlapping = RatingData(training: known, test: ratings + known, userCount: 2, itemCount: 12)
    let same = ItemRanking(of: overlapping) { users in Variable(scores).gather(users).value }
    #expect(same.hitRate == 0.5 && same.gain == 0.5)
  }

  @Test func latestRatingsAreKept() {
    let ratings = [(0, 0, 5), (0, 1, 9), (0, 2, 7), (1, 0, 1), (2, 1, 4), (2, 2, 4)].map {
      Rating(user: $0.0, item: $0.1, value: 1, time: $0.2)
    }
    var generator = RandomGenerator(seed: 1)
    let data = RatingData(training: ratings, test: [], userCount: 3, itemCount: 3)
    let split = data.split(latestOfEachUser: true, using: &generator)
    #expect(split.test.map(\.item) == [1, 2] || split.test.map(\.item) == [1, 1])
    #expect(split.training.count == 4 && split.test.map(\.user) == [0, 2])
  }

  /// The program with files, and what it says of lines that aren't as expected.
  @Test func files() throws {
    let lines = (0..<400).map { "u\($0 % 20)\ti\($0 * 7 % 37)\t\($0 % 5 + 1)\t\($0)" }.joined(separator: "\n")
    try withTemporaryFile(lines) { file in
      for task in ["ratings", "ranking"] {
        let result = try program.run(
          "--train", file, "--task", task, "--dimensions", "4", "--epochs", "2", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let results = try JSONDecoder().decode([String: Double].self, from: Data(result.lines.last!.utf8))
        #expect(results["testRatings"] == (task == "ratings" ? 40 : 20))
        #expect(result.errors.contains("of 37 items by 20 users"))
      }
    }
    for (line, message) in [
      ("u\ti", "1 tabs in “u\\ti”, expected user TAB item TAB rating TAB time (the time may be missing)"),
      ("u\ti\tgood", "the rating “good”, expected a number"),
      ("u\ti\t3\tnow", "the time “now”, expected a whole number"),
      (
        "u\t\t3",
        "nothing beside a tab in “u\\t\\t3”, expected user TAB item TAB rating TAB time "
          + "(the time may be missing)"
      ),
    ] {
      try withTemporaryFile("u\ti\t3\n" + line) { file in
        let result = try program.run("--train", file)
        #expect(result.status == 2 && result.errors == "Recommender: \(file):2: found \(message)\n")
      }
    }
    try withTemporaryFile("a\tx\t1\na\ty\t1\nb\tx\t1\nb\ty\t2") { file in
      let result = try program.run("--train", file, "--test", file, "--task", "ranking", "--quiet")
      #expect(result.errors == "Recommender: every user has rated every item: there is nothing to rank lower\n")
    }
    #expect(try program.run("--test", "x").errors == "Recommender: --test needs --train FILE\n")
    let decayed = try program.run("--weight-decay", "30")
    #expect(
      decayed.errors == "Recommender: the learning rate is 0.04 and a weight decay 30.0, expected a product below 1 "
        + "(--learning-rate, --weight-decay)\n")
    #expect(decayed.status == 2)
  }

  @Test("a learning rate that leads to numbers that are none")
  func stopsAtNaN() throws {
    let result = try program.run(
      "--task", "ranking", "--learning-rate", "1e38", "--weight-decay", "0", "--dimensions", "2", "--epochs", "1",
      "--quiet", "--json")
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("Recommender: ") && result.errors.hasSuffix("a lower --learning-rate may help\n"))
  }
}
