import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct FastTextBestTests {
  @Test("the largest scores, in descending order", arguments: 1...12)
  func keepsTheLargest(most: Int) {
    var generator = RandomGenerator(seed: UInt64(most))
    for count in 1...40 {
      let scores = (0..<count).map { _ in Float(Int.random(in: 0..<20, using: &generator)) }
      var best = FastTextBest(most: most)
      for (label, score) in scores.enumerated() { best.add(score, label) }
      let found = best.sorted()
      #expect(found.map(\.score) == Array(scores.sorted(by: >).prefix(most)))
      #expect(Set(found.map(\.label)).count == found.count && found.allSatisfy { scores[$0.label] == $0.score })
    }
  }

  // Found with std::push_heap, std::pop_heap and std::sort_heap of GCC 12, as fastText calls them.
  @Test(
    "equal scores come as the C++ library leaves them",
    arguments: [
      (3, [1, 1, 1, 1, 1], [4, 1, 3]),
      (5, [1, 1, 1, 1, 1, 1, 1, 1], [3, 1, 4, 7, 6]),
      (4, [0, 2, 0, 2, 1, 2, 0, 2, 1], [5, 3, 7, 1]),
      (6, [3, 1, 2, 3, 1, 2, 3, 1, 2], [3, 0, 6, 8, 2, 5]),
      (9, [1, 2, 1, 2, 1, 2, 1, 2, 1], [7, 1, 5, 3, 8, 4, 6, 2, 0]),
    ] as [(Int, [Float], [Int])])
  func ordersEqualOnes(most: Int, scores: [Float], labels: [Int]) {
    var best = FastTextBest(most: most)
    for (label, score) in scores.enumerated() { best.add(score, label) }
    #expect(best.sorted().map(\.label) == labels)
  }
}
