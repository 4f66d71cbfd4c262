extension Array {
  /// Puts the elements in random order, the same one for the same generator on every platform and in every version.
  ///
  ///     var (generator, numbers) = (RandomGenerator(seed: 1), [1, 2, 3, 4, 5])
  ///     numbers.reproduciblyShuffle(using: &generator)
  ///     print(numbers)  // [1, 5, 2, 3, 4]
  ///
  /// Swift's `shuffle(using:)` doesn't specify how it uses the generator. This is the method of Fisher and Yates in the
  /// form of Durstenfeld, “Algorithm 235: Random permutation” (1964). All orders are equally likely.
  ///
  /// - Complexity: O(n).
  public mutating func reproduciblyShuffle(using generator: inout some RandomNumberGenerator) {
    for last in indices.dropFirst().reversed() {
      swapAt(last, generator.reproducibleInt(below: last + 1))
    }
  }
}

extension RandomNumberGenerator {
  /// A uniformly random number in 0..<`bound`.
  ///
  /// Values from the largest multiple of `bound` on are drawn again, because they would favour small remainders.
  mutating func reproducibleInt(below bound: Int) -> Int {
    let bound = UInt64(bound)
    let limit = UInt64.max - UInt64.max % bound
    while true {
      let value = next()
      if value < limit { return Int(value % bound) }
    }
  }
}
