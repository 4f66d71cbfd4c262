package import SliceGrad

import func Foundation.pow

/// Ratings that follow from factors of users and items, which are drawn, so that it is known how well they can be
/// foretold.
package struct PlantedFactors {
  package let data: RatingData
  /// The standard deviation of what no factor explains.
  package static let noise: Float = 0.4
  /// The scores that the ratings come from, `[users, items]`.
  package let scores: Tensor<Float>

  /// - Parameters:
  ///   - ratings: how many the most active user gives, of which a tenth is for the test.
  ///   - activity: user n = 1, 2, … gives 1 / n^activity times as many, but 5 at least (Zipf's law).
  ///   - popularity: by how much less item n = 1, 2, … tempts users than its score says, times ln n.
  package init(
    users: Int = 600, items: Int = 400, ratings: Int = 40, activity: Double = 0, popularity: Float = 0, seed: UInt64
  ) {
    var generator = RandomGenerator(seed: seed)
    let dimensions = 4
    func normal(_ rows: Int, _ columns: Int, _ deviation: Float) -> Tensor<Float> {
      Tensor(normal: [rows, columns], standardDeviation: deviation, using: &generator)
    }
    let interests = normal(users, dimensions, 1).matmul(normal(items, dimensions, 0.4), transposeRight: true)
    scores = interests + normal(users, 1, 0.3) + normal(1, items, 0.4) + 3.5
    // Users choose what they like, more often than not.
    let noise = normal(users, items, Self.noise)
    let numbers = Tensor<Float>(shape: [1, items], elements: (1...items).map(Float.init))
    let temptations = scores + normal(users, items, 1) - numbers.log() * popularity
    let tempted = temptations.topK(ratings).indices
    var (training, test): ([Rating], [Rating]) = ([], [])
    for user in 0..<users {
      let count = min(max(Int(Double(ratings) / pow(Double(user + 1), activity)), 5), ratings)
      var chosen = Array(tempted[user * ratings..<user * ratings + count])
      chosen.reproduciblyShuffle(using: &generator)
      let trainingCount = count - max(count / 10, 1)
      for (place, item) in chosen.enumerated() {
        let value = scores[user, Int(item)] + noise[user, Int(item)]
        let rating = Rating(user: Int32(user), item: item, value: value, time: Int64(place))
        if place < trainingCount { training.append(rating) } else { test.append(rating) }
      }
    }
    data = RatingData(training: training, test: test, userCount: users, itemCount: items)
  }
}
