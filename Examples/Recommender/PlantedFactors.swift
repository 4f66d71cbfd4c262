import SliceGrad

/// Ratings that follow from factors of users and items, which are drawn, so that it is known how well they can be
/// foretold.
struct PlantedFactors {
  let data: RatingData
  /// The standard deviation of what no factor explains.
  static let noise: Float = 0.4
  /// The scores that the ratings come from, `[users, items]`.
  let scores: Tensor<Float>

  /// - Parameter users: how many there are, each with 40 ratings, of which 4 are for the test.
  init(users: Int = 600, items: Int = 400, seed: UInt64) {
    var generator = RandomGenerator(seed: seed)
    let dimensions = 4
    func normal(_ rows: Int, _ columns: Int, _ deviation: Float) -> Tensor<Float> {
      Tensor(normal: [rows, columns], standardDeviation: deviation, using: &generator)
    }
    let interests = normal(users, dimensions, 1).matmul(normal(items, dimensions, 0.4), transposeRight: true)
    scores = interests + normal(users, 1, 0.3) + normal(1, items, 0.4) + 3.5
    // Users choose what they like, more often than not.
    let noise = normal(users, items, Self.noise)
    let tempted = (scores + normal(users, items, 1)).topK(40).indices
    var (training, test): ([Rating], [Rating]) = ([], [])
    for user in 0..<users {
      var chosen = Array(tempted[user * 40..<(user + 1) * 40])
      chosen.reproduciblyShuffle(using: &generator)
      for (place, item) in chosen.enumerated() {
        let value = scores[user, Int(item)] + noise[user, Int(item)]
        let rating = Rating(user: Int32(user), item: item, value: value, time: Int64(place))
        if place < 36 { training.append(rating) } else { test.append(rating) }
      }
    }
    data = RatingData(training: training, test: test, userCount: users, itemCount: items)
  }
}
