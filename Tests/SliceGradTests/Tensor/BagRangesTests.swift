import Dispatch
import Testing

@testable import SliceGrad

/// Serialized, as it sets the number of threads.
@Suite(.serialized) struct BagRangesTests {
  /// The ranges that the body gets, in the order in which they begin, with one thread waiting for the other.
  private static func ranges(_ lengths: [Int32], operations: Int, threads: Int) -> [Range<Int>] {
    let splits = lengths.reduce(into: [0]) { $0.append($0.last! + $1) }
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = threads
    let oneAtATime = DispatchQueue(label: "ranges")
    nonisolated(unsafe) var ranges: [Range<Int>] = []
    Threads.forEachRange(ofBags: splits, operations: operations) { first, end in
      oneAtATime.sync { ranges.append(first..<end) }
    }
    return ranges
  }

  @Test(arguments: [1, 2, 3, 8], [1, 100, 40_000]) func eachBagIsInOneRange(threads: Int, operations: Int) {
    for lengths in [[], [0], [3, 0, 1], (0..<200).map { $0 * 7 % 31 }] as [[Int32]] {
      let bags = Self.ranges(lengths, operations: operations, threads: threads).flatMap(Array.init)
      #expect(bags.sorted() == Array(lengths.indices))
    }
  }

  /// The work is handed out in this order; which thread comes first with a piece is open.
  @Test func longBagsComeAloneAndTheLongestFirst() {
    let lengths: [Int32] = [2, 9, 4, 0, 7, 1, 8, 3]
    let ranges = Self.ranges(lengths, operations: Threads.worthwhile, threads: 2)
    #expect(ranges.allSatisfy { $0.count == 1 })
    #expect(ranges.prefix(2).contains(1..<2))
    #expect(ranges.suffix(2).contains(3..<4))
  }
}
