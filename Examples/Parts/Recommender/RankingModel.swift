package import SliceGrad

/// What a user would choose: matrix factorization with item biases.
package struct RankingModel: Module {
  package var users: Embedding<Float>
  package var items: Embedding<Float>
  package var itemBiases: Embedding<Float>

  package init(userCount: Int, itemCount: Int, dimensions: Int, using generator: inout RandomGenerator) {
    users = Embedding(
      weight: Tensor(normal: [userCount, dimensions], standardDeviation: 0.1, using: &generator))
    items = Embedding(
      weight: Tensor(normal: [itemCount, dimensions], standardDeviation: 0.1, using: &generator))
    itemBiases = Embedding(weight: Tensor(zeros: [itemCount, 1]))
  }

  /// The scores `[users, k]` of k items for each user, given user by user.
  package func callAsFunction(_ users: [Int32], _ candidates: [Int32]) -> Variable<Float> {
    let shape: Shape = [users.count, candidates.count / users.count]
    return items.weight.scores(of: candidates, shape: shape, against: self.users(users))
      + itemBiases(candidates).reshaped(to: shape)
  }

  /// The scores `[users, items]` of all items.
  package func scoresOfAllItems(_ users: [Int32]) -> Tensor<Float> {
    items.weight.scores(against: self.users(users)).value + itemBiases.weight.value.transposed()
  }

  package mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&users, "users")
    visit(&items, "items")
    visit(&itemBiases, "itemBiases")
  }
}
