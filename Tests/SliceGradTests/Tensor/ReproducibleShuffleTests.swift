import Testing

@testable import SliceGrad

@Suite struct ReproducibleShuffleTests {
  /// Gives these numbers one after the other.
  private struct Scripted: RandomNumberGenerator {
    var numbers: [UInt64]
    mutating func next() -> UInt64 { numbers.removeFirst() }
  }

  @Test(arguments: [0, 1, 10, 1000])
  func shufflesArePermutations(count: Int) {
    var generator = RandomGenerator(seed: 12)
    var shuffled = Array(0..<count)
    shuffled.reproduciblyShuffle(using: &generator)
    #expect(shuffled.sorted() == Array(0..<count))
    #expect((shuffled == Array(0..<count)) == (count < 2))
  }

  /// By hand: the last of 4 changes places with number 5 % 4, the last of 3 with 6 % 3, the last of 2 with 7 % 2.
  @Test func theNumbersSayTheOrder() {
    var generator = Scripted(numbers: [5, 6, 7])
    var letters = ["a", "b", "c", "d"]
    letters.reproduciblyShuffle(using: &generator)
    #expect(letters == ["c", "d", "a", "b"])
    #expect(generator.numbers.isEmpty)
  }

  @Test func numbersThatWouldFavourSmallOnesAreDrawnAgain() {
    // 2⁶⁴ = 3 · 6148914691236517205 + 1: the largest number has no two partners.
    var generator = Scripted(numbers: [.max, .max - 1, 7])
    #expect(generator.reproducibleInt(below: 3) == 2)
    #expect(generator.numbers == [7])
    #expect(generator.reproducibleInt(below: 1) == 0)
  }

  /// Pearson's χ² over the 24 orders of 4 has 23 degrees of freedom: a standard deviation of 6.8, and six are 41.
  @Test func allOrdersAreEquallyLikely() {
    var generator = RandomGenerator(seed: 13)
    var counts: [[Int]: Double] = [:]
    for _ in 0..<24_000 {
      var order = [0, 1, 2, 3]
      order.reproduciblyShuffle(using: &generator)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.values.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 1000 } < 23 + 41)
  }
}
