import SliceGradKernels
import Testing

@testable import SliceGrad

/// Each in a process of its own, as they set the number of threads.
@Suite struct BagRangesTests {
  /// The ranges in the order in which they are handed out: within a piece of other work, one thread does them all.
  private static func ranges(_ lengths: [Int], operations: Int) -> [Range<Int>] {
    let splits = lengths.reduce(into: [0 as Int32]) { $0.append($0.last! + Int32($1)) }
    Threads.count = 2
    var lists = [[Range<Int>]](repeating: [], count: 2)
    lists.withUnsafeMutableBufferPointer { lists in
      nonisolated(unsafe) let lists = lists
      Threads.forEachRange(of: 2, operations: Threads.worthwhile) { first, end in
        for list in first..<end {
          Threads.forEachRange(ofBags: splits, operations: operations) { lists[list].append($0..<$1) }
        }
      }
    }
    precondition(lists[0] == lists[1])
    return lists[0]
  }

  @Test func eachBagIsInOneRange() async {
    await #expect(processExitsWith: .success) {
      for operations in [1, 100, 40_000] {
        for lengths in [[], [0], [3, 0, 1], [9, 0, 0], (0..<200).map { $0 * 7 % 31 }] as [[Int]] {
          let bags = Self.ranges(lengths, operations: operations).flatMap(Array.init)
          #expect(bags.sorted() == Array(lengths.indices))
        }
      }
    }
  }

  @Test func longBagsComeAloneAndTheLongestFirst() async {
    await #expect(processExitsWith: .success) {
      let order = Self.ranges([2, 9, 4, 0, 7, 1, 8, 3], operations: Threads.worthwhile)
      #expect(order == [1, 6, 4, 2, 7, 0, 5, 3].map { $0..<$0 + 1 })
    }
  }

  @Test func shortBagsComeTogetherAndALongOneAmongThemFirst() async {
    await #expect(processExitsWith: .success) {
      let operations = Threads.worthwhile / 100
      let order = Self.ranges([60, 50, 10, 10, 500, 20], operations: operations)
      #expect(order == [2..<5, 0..<2, 5..<6])
      #expect(Self.ranges([60, 20, 10], operations: operations) == [0..<3], "not worth sharing")
    }
  }
}
