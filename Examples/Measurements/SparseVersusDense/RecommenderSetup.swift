import ExampleParts
import SliceGrad

/// What both recommenders have in common: how they learn, and from which ratings. These are those of a file, or planted
/// ones, which are drawn anew for each seed: a few users give many and most give few; a few items get many.
struct RecommenderSetup {
  /// What is tried, a third of a decade apart.
  let learningRates: [Double]
  let dimensions: Int
  let epochs: Int
  private let bySeed: [RatingData]
  private let isPlanted: Bool

  /// - Parameters:
  ///   - ratings: those of a file; nil to plant some.
  ///   - seeds: how many seeds 0, 1, … there are.
  init(_ ratings: RatingData?, isQuick: Bool, seeds: Int) {
    learningRates = isQuick ? [0.05, 0.1] : [0.002, 0.005, 0.01, 0.02, 0.05, 0.1]
    (dimensions, epochs) = isQuick ? (4, 2) : (16, 10)
    isPlanted = ratings == nil
    bySeed = (0..<UInt64(seeds)).map { seed in
      ratings
        ?? PlantedFactors(
          users: isQuick ? 200 : 2_000, items: isQuick ? 100 : 1_000, ratings: isQuick ? 50 : 400, activity: 0.5,
          popularity: 0.7, seed: seed
        ).data
    }
  }

  /// Ratings to learn from, and others to look at the model with: those kept for the test, or for the validation some
  /// of the rest. Throws `UsageError` if a file has too few.
  func ratings(seed: UInt64, latestOfEachUser: Bool, lookingAt part: DataPart) throws -> RatingData {
    var (ratings, generator) = (bySeed[Int(seed)], RandomGenerator(seed: seed))
    if !isPlanted { ratings = ratings.split(latestOfEachUser: latestOfEachUser, using: &generator) }
    if part == .validation { ratings = ratings.split(latestOfEachUser: latestOfEachUser, using: &generator) }
    if ratings.test.isEmpty { throw UsageError("--ratings: found too few ratings to keep some for the test") }
    return ratings
  }
}

extension RecommenderSetup: CustomStringConvertible {
  var description: String {
    let data = bySeed[0]
    return "\((data.training.count + data.test.count).grouped) ratings of \(data.itemCount.grouped) items by "
      + "\(data.userCount.grouped) users, \(isPlanted ? "from planted factors" : "of a file")"
  }
}
