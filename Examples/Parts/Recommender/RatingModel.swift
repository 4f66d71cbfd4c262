package import SliceGrad

/// Biased matrix factorization with implicit feedback: what a user has rated says something about their taste,
/// whatever the ratings were.
///
/// rating = mean + userBias + itemBias + item · (user + √n · mean of `implicit` over the n items rated by the user)
///
/// Source: Koren, “Factorization Meets the Neighborhood” (2008), equation 15: SVD++. There it is 1 / √n times the sum,
/// which is the same.
package struct RatingModel: Module {
  package var users: Embedding<Float>
  package var items: Embedding<Float>
  package var implicit: EmbeddingBag<Float>
  package var userBiases: Embedding<Float>
  package var itemBiases: Embedding<Float>
  /// The mean of all ratings to learn from, a constant.
  let mean: Float

  package init(userCount: Int, itemCount: Int, dimensions: Int, mean: Float, using generator: inout RandomGenerator) {
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
  package func callAsFunction(_ batch: UserBatch) -> Variable<Float> {
    let tastes = users(batch.users) + implicit(batch.seen) * batch.roots
    let products = items.weight.scores(of: batch.items, against: tastes)
    let biases = itemBiases(batch.items.values) + userBiases(batch.userOfItem)
    return products + biases.reshaped(to: [batch.items.values.count]) + mean
  }

  package mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&users, "users")
    visit(&items, "items")
    visit(&implicit, "implicit")
    visit(&userBiases, "userBiases")
    visit(&itemBiases, "itemBiases")
  }
}

/// Some users, each with the items that are asked for.
package struct UserBatch {
  package let users: [Int32]
  /// The items that each user has rated, as far as the model may know.
  package let seen: RaggedIndices
  /// √n of each user's n items `[users, 1]`.
  package let roots: Tensor<Float>
  /// The items that are asked for.
  package let items: RaggedIndices
  /// The user of each of them.
  package let userOfItem: [Int32]
  /// Their ratings.
  package let ratings: Tensor<Float>

  /// - Parameters:
  ///   - seen: the ratings that the model may know, by user.
  ///   - asked: the ratings that are asked for, by user.
  package init(_ users: [Int32], seen: [[Rating]], asked: [[Rating]]) {
    self.users = users
    self.seen = RaggedIndices(users.map { seen[Int($0)].map(\.item) })
    roots = Tensor(shape: [users.count, 1], elements: users.map { Float(seen[Int($0)].count).squareRoot() })
    items = RaggedIndices(users.map { asked[Int($0)].map(\.item) })
    userOfItem = users.flatMap { user in asked[Int(user)].map { _ in user } }
    ratings = Tensor(users.flatMap { asked[Int($0)].map(\.value) })
  }
}
