import ExampleParts
import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import Recommender

struct RecommenderTests {
  private let program = Program(name: "Recommender")

  /// On few planted factors, ratings are foretold better than by their mean and not better than the noise allows.
  @Test func plantedRatings() throws {
    let planted = PlantedFactors(users: 120, items: 60, seed: 3)
    let options = try Options(parsing: ["--dimensions", "8", "--epochs", "20", "--weight-decay", "3"])
    var training = RatingTraining(planted.data, options)
    let before = training.rootMeanSquareError(on: planted.data.testByUser)
    training.run(options, Progress(isQuiet: true))
    let after = training.rootMeanSquareError(on: planted.data.testByUser)
    #expect(after < 0.85 * before && after > Double(PlantedFactors.noise))
    #expect(abs(before / planted.data.errorOfMean - 1) < 0.05)
  }

  /// On few planted factors, what users chose ranks higher than by popularity, and not much higher than by the truth.
  @Test func plantedChoices() throws {
    let planted = PlantedFactors(users: 120, items: 60, seed: 3)
    let options = try Options(parsing: ["--task", "ranking", "--dimensions", "8", "--epochs", "10"])
    var training = try RankingTraining(planted.data, options)
    let before = training.ranking
    training.run(options, Progress(isQuiet: true))
    let truth = Ranking(of: planted.data) { users in Variable(planted.scores).gather(users).value }
    #expect(training.ranking.hitRate > before.hitRate + 0.05 && training.ranking.gain > before.gain)
    #expect(training.ranking.hitRate < truth.hitRate + 0.05)
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
    #expect(Ranking.rank(of: 3, among: [1, 3, 2]) == 1)
    #expect(Ranking.rank(of: 1, among: [1, 3, 2]) == 3)
    #expect(Ranking.rank(of: 2, among: [2, 2, 2, 5]) == 3)
    #expect(Ranking.rank(of: .nan, among: [.nan, 2, 1]) == 3)
    let ratings = [(0, 2), (1, 0)].map { Rating(user: $0.0, item: $0.1, value: 1, time: 0) }
    let known = [Rating(user: 0, item: 1, value: 1, time: 0)]
    let data = RatingData(training: known, test: ratings, userCount: 2, itemCount: 12)
    let scores = Tensor<Float>([(0..<12).map { $0 == 1 ? 9 : $0 == 2 ? 8 : 0 }, (0..<12).map { Float($0) }])
    let ranking = Ranking(of: data) { users in Variable(scores).gather(users).value }
    #expect(ranking.hitRate == 0.5 && ranking.gain == 0.5)  // ranks 1 and 12
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
  }
}
