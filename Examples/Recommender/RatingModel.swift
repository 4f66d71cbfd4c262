import SliceGrad

/// Biased matrix factorization with implicit feedback: what a user has rated says something about their taste,
/// whatever the ratings were.
///
/// rating = mean + userBias + itemBias + item · (user + √n · mean of `implicit` over the n items rated by the user)
///
/// Source: Koren, “Factorization Meets the Neighborhood” (2008), equation 15: SVD++. There it is 1 / √n times the sum,
/// which is the same.
struct RatingModel: Module {
  var users: Embedding<Float>
  var items: Embedding<Float>
  var implicit: EmbeddingBag<Float>
  var userBiases: Embedding<Float>
  var itemBiases: Embedding<Float>
  /// The mean of all ratings to learn from, a constant.
  let mean: Float

  init(userCount: Int, itemCount: Int, dimensions: Int, mean: Float, using generator: inout RandomGenerator) {
    func normal(_ rows: Int) -> Tensor<Float> {
      Tensor(normal: [rows, dimensions], standardDeviation: 0.05, using: &generator)
    }
    users = Embedding(weight: normal(userCount))
    items = Embedding(weight: normal(itemCount))
    implicit = EmbeddingBag(weight: normal(itemCount))
    userBiases = Embedding(weight: Tensor(zeros: [userCount, 1]))
    itemBiases = Embedding(weight: Tensor(zeros: [itemCount, 1]))
    self.mean = mean
  }

  /// The ratings `[n]` that the users of a batch would give to its items.
  func callAsFunction(_ batch: UserBatch) -> Variable<Float> {
    let tastes = users(batch.users) + implicit(batch.seen) * batch.roots
    let products = items.weight.scores(of: batch.items, against: tastes)
    let biases = itemBiases(batch.items.values) + userBiases(batch.userOfItem)
    return products + biases.reshaped(to: [batch.items.values.count]) + mean
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&users, "users")
    visit(&items, "items")
    visit(&implicit, "implicit")
    visit(&userBiases, "userBiases")
    visit(&itemBiases, "itemBiases")
  }
}

/// Some users, each with the items that are asked for.
struct UserBatch {
  let users: [Int32]
  /// The items that each user has rated, as far as the model may know.
  let seen: RaggedIndices
  /// √n of each user's n items `[users, 1]`.
  let roots: Tensor<Float>
  /// The items that are asked for.
  let items: RaggedIndices
  /// The user of each of them.
  let userOfItem: [Int32]
  /// Their ratings.
  let ratings: Tensor<Float>

  /// - Parameters:
  ///   - seen: the ratings that the model may know, by user.
  ///   - asked: the ratings that are asked for, by user.
  init(_ users: [Int32], seen: [[Rating]], asked: [[Rating]]) {
    self.users = users
    self.seen = RaggedIndices(users.map { seen[Int($0)].map(\.item) })
    roots = Tensor(shape: [users.count, 1], elements: users.map { Float(seen[Int($0)].count).squareRoot() })
    items = RaggedIndices(users.map { asked[Int($0)].map(\.item) })
    userOfItem = users.flatMap { user in asked[Int(user)].map { _ in user } }
    ratings = Tensor(users.flatMap { asked[Int($0)].map(\.value) })
  }
}
