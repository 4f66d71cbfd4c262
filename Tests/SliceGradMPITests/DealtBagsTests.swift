import SliceGrad
import Testing

@testable import SliceGradMPI

@Suite struct DealtBagsTests {
  /// Of two ranks' bags, some with counts, some empty, each row arrives once at the rank of its class, in order.
  @Test(arguments: [[0, 0, 1, 1], [0, 1, 2, 2], [3, 3, 1, 1], [0, 0, 0, 0]])
  func eachRowGoesToItsRank(owners: [Int]) {
    let (rankCount, generator) = (4, RandomGenerator(seed: 5))
    let senders = bags(generator)
    let dealt = senders.map { DealtBags($0, to: rankCount, by: owners) }
    for rank in 0..<rankCount {
      let heads = dealt.map { $0.heads[rank] }
      let message = dealt.flatMap { dealt -> ArraySlice<Int32> in
        let first = dealt.heads[..<rank].reduce(0) { $0 + $1.length }
        return dealt.message[first..<first + dealt.heads[rank].length]
      }
      let arrived = RaggedIndices(message, heads: heads)
      // A plain loop over all bags.
      var (values, counts, splits): ([Int32], [Int32], [Int32]) = ([], [], [0])
      for bags in senders.joined() {
        for bag in 0..<bags.bagCount {
          for position in Int(bags.rowSplits[bag])..<Int(bags.rowSplits[bag + 1]) {
            guard owners[Int(bags.values[position]) % owners.count] == rank else { continue }
            values.append(bags.values[position])
            counts.append(bags.counts?[position] ?? 1)
          }
          splits.append(Int32(values.count))
        }
      }
      #expect(arrived == RaggedIndices(values: values, rowSplits: splits, counts: counts))
    }
  }

  /// Bags without counts are sent without any, and there are none at their end.
  @Test func countsAreSentOnlyIfThereAreAny() {
    let dealt = DealtBags([RaggedIndices([[0, 1, 3], []])], to: 2, by: [0, 1])
    #expect(dealt.message == [1, 1, 0, 2, 2, 1, 3])
    #expect(RaggedIndices(Array(dealt.message[3...]), heads: [dealt.heads[1]]) == RaggedIndices([[1, 3], []]))
    #expect(RaggedIndices(joining: [RaggedIndices([[2]]), RaggedIndices([])]).counts == nil)
  }

  /// The parts of two ranks. One of the first rank's has counts.
  private func bags(_ generator: RandomGenerator) -> [[RaggedIndices]] {
    var generator = generator
    let parts = (0..<4).map { part in
      RaggedIndices(
        (0..<part).map { _ in
          (0..<Int.random(in: 0...9, using: &generator)).map { _ in
            Int32.random(in: 0..<40, using: &generator)
          }
        })
    }
    let counted = RaggedIndices([[7, 2, 7, 39, 7]]).counted
    return [[parts[0], counted, parts[1], parts[2]], [parts[3]]]
  }
}
