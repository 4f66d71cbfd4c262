package import SliceGrad

import func Foundation.log2

/// How high items rank that a user has chosen, among all items that the user isn't known to have chosen. What is to be
/// tested and was learnt from as well is left out.
package struct ItemRanking {
  /// The share of them that are among the first 10 (hit rate).
  package private(set) var hitRate = 0.0
  /// The mean of 1 / log₂(rank + 1), 0 from rank 11 on: normalized discounted cumulative gain, as if each item that is
  /// tested were its user's only one.
  package private(set) var gain = 0.0

  package init(of data: RatingData, _ scores: (_ users: [Int32]) -> Tensor<Float>) {
    let (known, tests) = (data.trainingByUser, data.testByUser)
    var count = 0
    for users in (0..<Int32(data.userCount)).filter({ !tests[Int($0)].isEmpty }).batches(ofSize: 64) {
      let scores = scores(users)
      for (place, user) in users.enumerated() {
        var candidates = Array(scores.row(place).elements)
        let learnt = Set(known[Int(user)].map(\.item))
        for item in learnt { candidates[Int(item)] = -.infinity }
        for rating in tests[Int(user)] where !learnt.contains(rating.item) {
          count += 1
          let rank = Self.rank(of: scores[place, Int(rating.item)], among: candidates)
          guard rank <= 10 else { continue }
          hitRate += 1
          gain += 1 / log2(rank + 1)
        }
      }
    }
    (hitRate, gain) = (hitRate / Double(max(count, 1)), gain / Double(max(count, 1)))
  }

  /// 1 for the highest score; among equal scores the mean of their ranks. A score that isn't a number ranks last.
  static func rank(of score: Float, among candidates: [Float]) -> Double {
    guard !score.isNaN else { return Double(candidates.count) }
    let (higher, equal) = (candidates.count { $0 > score }, candidates.count { $0 == score })
    return Double(higher) + Double(equal + 1) / 2
  }
}
