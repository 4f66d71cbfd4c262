import SliceGrad
import TestSupport
import Testing

@testable import SliceGradMPI

@Suite struct SumsTests {
  /// Arrays of numbers of very different size, whose sum depends on the order in which they are added.
  static func part<Scalar: TensorScalar>(_ part: Int, length: Int) -> [Scalar] {
    var generator = RandomGenerator(seed: UInt64(part))
    return (0..<length).map { _ in
      Scalar.random(in: -1...1, using: &generator) * Scalar([1, 1000, 0.001].randomElement(using: &generator)!)
    }
  }

  /// The sum along the tree, written down once more.
  static func treeSum<Scalar: TensorScalar>(_ parts: ArraySlice<[Scalar]>) -> [Scalar] {
    if parts.count == 1 { return parts.first! }
    let middle = parts.startIndex + parts.count / 2
    return zip(treeSum(parts[..<middle]), treeSum(parts[middle...])).map { $0 + $1 }
  }

  static func sums<Scalar: TensorScalar & MessageElement>(
    ofType: Scalar.Type, parts: Int, length: Int, ranks: Int
  ) throws -> [(sum: [Scalar], sentByteCount: Int)] {
    try Communicator.threads(ranks, deadline: .seconds(20)) { ranks in
      ranks.comeLate()
      let own: [[Scalar]] = ranks.parts(of: parts).map { Self.part($0, length: length) }
      return try (ranks.sum(own, of: parts, length: length), ranks.sentByteCount)
    }
  }

  /// By all-gather, and by all-to-all where a rank's slice may be empty or not.
  @Test(arguments: rankCounts + [5, 7, 11], [0, 1, 3, 1000, 4101]) func sameBits(ranks: Int, length: Int) throws {
    let parts: [[Float]] = (0..<8).map { Self.part($0, length: length) }
    let expected = Self.treeSum(parts[...])
    let exact = (0..<length).map { i in parts.reduce(0.0) { $0 + Double($1[i]) } }
    #expect(zip(expected, exact).allSatisfy { abs(Double($0) - $1) <= 3e-3 })
    for found in try Self.sums(ofType: Float.self, parts: 8, length: length, ranks: ranks) {
      #expect(found.sum == expected)
    }
  }

  @Test func doubles() throws {
    for ranks in rankCounts {
      let expected: [Double] = Self.treeSum((0..<16).map { Self.part($0, length: 2100) }[...])
      for found in try Self.sums(ofType: Double.self, parts: 16, length: 2100, ranks: ranks) {
        #expect(found.sum == expected)
      }
    }
  }

  /// The tree isn't the order of the parts, so that these tests would notice.
  @Test func orderMatters() {
    let parts: [[Float]] = (0..<8).map { Self.part($0, length: 1000) }
    let inOrder = parts.dropFirst().reduce(parts[0]) { zip($0, $1).map { $0 + $1 } }
    #expect(inOrder != Self.treeSum(parts[...]))
  }

  @Test func bytes() throws {
    for (ranks, length) in [(1, 5000), (2, 5000), (4, 4096), (4, 4097), (8, 5003)] {
      let found = try Self.sums(ofType: Float.self, parts: 8, length: length, ranks: ranks).map(\.sentByteCount)
      let expected = (0..<ranks).map { rank in
        let own = (rank + 1) * length / ranks - rank * length / ranks
        return ranks <= 2 || length <= 4096 ? 4 * (ranks - 1) * length : 4 * (length - own + (ranks - 1) * own)
      }
      #expect(found == expected)
    }
  }

  /// Ranks 0, 1 and 2 of 3 have 1, 2 and 2 subtrees of 8 parts.
  @Test func bytesOfSubtrees() throws {
    let found = try Self.sums(ofType: Float.self, parts: 8, length: 6000, ranks: 3).map(\.sentByteCount)
    #expect(found == [1, 2, 2].map { 4 * ($0 * 4000 + 2 * 2000) })
  }

  @Test func covering() {
    #expect(TreePlace.covering(0..<8) == [TreePlace(level: 3, index: 0)])
    #expect(TreePlace.covering(3..<3) == [])
    #expect(
      TreePlace.covering(1..<7) == [
        TreePlace(level: 0, index: 1), TreePlace(level: 1, index: 1), TreePlace(level: 1, index: 2),
        TreePlace(level: 0, index: 6),
      ])
  }

  @Test(arguments: 1...20) func partsOfAllRanks(count: Int) throws {
    let parts = try Communicator.threads(count, deadline: .seconds(20)) { $0.parts(of: 16) }
    #expect(parts.flatMap { Array($0) } == Array(0..<16))
    #expect(Set(parts.map { $0.count * count / 16 }).isSubset(of: [0, 1]))
  }

  static let misuses: [(message: String, parts: [[Float]], total: Int, length: Int)] = [
    ("sum: 6 parts, not a power of two", [[1], [1], [1], [1], [1], [1]], 6, 1),
    ("sum: 3 parts on rank 0 of 1, expected 4", [[1], [2], [3]], 4, 1),
    ("sum: arrays of 1 and 2 elements", [[1], [2, 3]], 2, 1),
    ("sum: subtrees of [1] elements, expected 2", [[1]], 1, 2),
  ]

  @Test(arguments: 0..<misuses.count) func misuseTraps(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index = index as Int] in
      let misuse = SumsTests.misuses[index]
      _ = try Communicator.world().sum(misuse.parts, of: misuse.total, length: misuse.length)
    }
    #expect(result?.standardErrorContent.trapMessage == Self.misuses[index].message)
  }
}
