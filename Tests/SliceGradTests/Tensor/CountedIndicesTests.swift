import TestSupport
import Testing

@testable import SliceGrad

@Suite struct CountedIndicesTests {
  private static func randomBags(_ count: Int, rows: Int32) -> RaggedIndices {
    var generator = RandomGenerator(seed: 3)
    return RaggedIndices(
      (0..<count).map { bag in
        (0..<(bag % 7 == 3 ? 0 : Int.random(in: 0...60, using: &generator))).map { _ in
          Int32.random(in: 0..<rows, using: &generator)
        }
      })
  }

  /// Against a plain loop over each bag, for any number of threads.
  @Test(arguments: [5, 40, 2000] as [Int32]) func eachNumberOnceWithItsCount(rows: Int32) {
    let bags = Self.randomBags(200, rows: rows)
    var expected: [[(number: Int32, count: Int32)]] = []
    for bag in 0..<bags.bagCount {
      var found: [(number: Int32, count: Int32)] = []
      for number in bags.values[Int(bags.rowSplits[bag])..<Int(bags.rowSplits[bag + 1])] {
        if let place = found.firstIndex(where: { $0.number == number }) {
          found[place].count += 1
        } else {
          found.append((number, 1))
        }
      }
      expected.append(found)
    }
    let before = Threads.count
    defer { Threads.count = before }
    for threads in [1, 2, 3, 8] {
      Threads.count = threads
      let counted = bags.counted
      #expect(counted.values == expected.joined().map(\.number))
      #expect(counted.counts == expected.joined().map(\.count))
      #expect(counted.rowSplits == expected.reduce(into: [0]) { $0.append($0.last! + Int32($1.count)) })
      #expect(counted.expandedSplits == bags.rowSplits)
      #expect(counted.counted == counted)
      #expect(counted.expanded.counted == counted)
    }
  }

  @Test func countsOfNumbersThatHaveCounts() {
    let bags = RaggedIndices(values: [4, 2, 4, 7], rowSplits: [0, 0, 3, 4], counts: [3, 1, 2, 5])
    #expect(bags.counted == RaggedIndices(values: [4, 2, 7], rowSplits: [0, 0, 2, 3], counts: [5, 1, 5]))
    #expect(bags.expanded == RaggedIndices([[], [4, 4, 4, 2, 4, 4], [7, 7, 7, 7, 7]]))
    let once = RaggedIndices(values: [4, 2, 4], rowSplits: [0, 2, 3], counts: [1, 1, 1])
    #expect(once.counted == RaggedIndices([[4, 2], [4]]) && once.counted == once.expanded)
  }

  @Test func bagsWithoutRepeatsStayAsTheyAre() {
    for bags in [RaggedIndices([[3, 1], [], [3]]), RaggedIndices([]), RaggedIndices([[], []])] {
      #expect(bags.counted == bags)
      #expect(bags.expanded == bags)
      #expect(bags.counted.counts == nil)
    }
    #expect("\(RaggedIndices([[3, 1]]))" == "RaggedIndices(values: [3, 1], rowSplits: [0, 2])")
    #expect("\(RaggedIndices([[3, 3]]).counted)" == "RaggedIndices(values: [3], rowSplits: [0, 1], counts: [2])")
  }

  @Test func someBagsKeepTheirCounts() {
    let bags = RaggedIndices([[3, 1, 3], [2], [], [0, 0]]).counted
    #expect(bags.bags([3, 0]) == RaggedIndices([[0, 0], [3, 1, 3]]).counted)
    #expect(
      bags.shards(2).parts == [
        RaggedIndices([[3, 1, 3], [2]]).counted, RaggedIndices(values: [0], rowSplits: [0, 0, 1], counts: [2]),
      ])
  }

  static let errors = [
    ProgrammingError("RaggedIndices: 1 counts for 2 values") {
      _ = RaggedIndices(values: [7, 8], rowSplits: [0, 2], counts: [1])
    },
    ProgrammingError("RaggedIndices: count 1 is 0, expected at least 1") {
      _ = RaggedIndices(values: [7, 8], rowSplits: [0, 2], counts: [1, 0])
    },
    ProgrammingError("RaggedIndices: the counts add up to 2147483648, at most 2147483647") {
      _ = RaggedIndices(values: [7, 8], rowSplits: [0, 2], counts: [1, .max])
    },
    ProgrammingError("sequences: row numbers with counts have no order; take `expanded`") {
      _ = EmbeddingTable(Tensor<Float>(zeros: [2, 1])).sequences(RaggedIndices([[1, 1]]).counted)
    },
    ProgrammingError("scores: row numbers with counts have no order; take `expanded`") {
      let table = EmbeddingTable(Tensor<Float>(zeros: [2, 1]))
      _ = table.scores(of: RaggedIndices([[1, 1]]).counted, against: Variable(Tensor(zeros: [1, 1])))
    },
    ProgrammingError("distances: row numbers with counts have no order; take `expanded`") {
      let table = EmbeddingTable(Tensor<Float>(zeros: [2, 1]))
      _ = table.distances(of: RaggedIndices([[1, 1]]).counted, to: Variable(Tensor(zeros: [1, 1])), .squaredL2)
    },
    ProgrammingError("ConditionalRandomField: row numbers with counts have no order; take `expanded`") {
      var generator = RandomGenerator(seed: 1)
      let emissions = Sequences(values: Variable(Tensor<Float>(zeros: [1, 2])), rowSplits: [0, 1])
      let field = ConditionalRandomField<Float>(tags: 2, using: &generator)
      _ = field.negativeLogLikelihood(emissions, RaggedIndices([[1, 1]]).counted)
    },
    ProgrammingError("embeddingBag: weights of row numbers that have counts") {
      let table = EmbeddingTable(Tensor<Float>(zeros: [2, 1]))
      _ = table.embeddingBag(RaggedIndices([[1, 1]]).counted, mode: .sum, weights: Variable(Tensor(zeros: [1])))
    },
  ]
}
