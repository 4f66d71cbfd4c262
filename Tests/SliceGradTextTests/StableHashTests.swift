import Testing

@testable import SliceGradText

@Suite struct StableHashTests {
  private func hash(_ values: [UInt64]) -> StableHash {
    values.reduce(into: StableHash()) { $0.combine($1) }
  }

  /// Saved models depend on these values: this test may never be adapted to a changed hash.
  @Test func valuesStayAsTheyAre() {
    #expect(hash([]).value == 0x9E37_79B9_7F4A_7C15)
    #expect(hash([0]).value == 0xC9D8_74CA_57D9_E055)
    #expect(hash([1, 2, 3]).value == 0x9C07_0E6E_6D09_B0ED)
    #expect(hash("hello".unicodeScalars.map { UInt64($0.value) }).value == 0xAD06_6B00_C193_A68C)
  }

  @Test func orderAndLengthMatter() {
    let hashes = [[], [0], [0, 0], [1], [1, 2], [2, 1], [1, 2, 0]].map { hash($0).value }
    #expect(Set(hashes).count == hashes.count)
  }

  @Test func reducedHashesAreBelowTheBound() {
    for bound in [1, 2, 3, 1000, Int(Int32.max)] {
      for value in UInt64(0)..<200 { #expect((0..<bound).contains(hash([value]).reduced(below: bound))) }
    }
  }

  /// Pearson's χ² over 1000 buckets has 999 degrees of freedom: a standard deviation of 45, and six of them are 268.
  @Test func pairsAndTripletsOfLettersFillTheBucketsEvenly() {
    let letters = UInt64(0x61)...0x7A
    let triplets = letters.flatMap { a in letters.flatMap { b in letters.map { [a, b, $0] } } }
    let pairs = (UInt64(0x20)...0xFF).flatMap { a in (UInt64(0x20)...0xFF).map { [a, $0] } }
    for nGrams in [pairs, triplets] {
      var counts = [Int](repeating: 0, count: 1000)
      for nGram in nGrams { counts[hash(nGram).reduced(below: 1000)] += 1 }
      let expected = Double(nGrams.count) / 1000
      let chiSquared = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      #expect(abs(chiSquared - 999) < 268)
    }
  }
}
