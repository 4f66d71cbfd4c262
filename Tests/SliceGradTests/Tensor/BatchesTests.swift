import SliceGrad
import TestSupport
import Testing

@Suite struct BatchesTests {
  @Test(arguments: [0, 1, 5, 12, 13], [1, 2, 3, 12, 13, 100])
  func inOrder(count: Int, size: Int) {
    let letters = (0..<count).map { "\($0)" }
    let batches = letters.batches(ofSize: size)
    #expect(Array(batches.joined()) == letters)
    #expect(batches.count == (count + size - 1) / size)
    #expect(batches.dropLast().allSatisfy { $0.count == size })
    #expect(batches.last.map { (1...size).contains($0.count) } ?? (count == 0))
    for dropped in [0, 1, batches.count, batches.count + 1] {
      #expect(Array(batches.dropFirst(dropped)) == Array(Array(batches).dropFirst(dropped)))
    }
    #expect(Array(batches) == Array(batches))  // a second pass begins anew
  }

  /// As `stride` and a shuffled array give them, of collections whose indices do not begin at 0 as well.
  @Test(arguments: [0, 1, 5, 100], [1, 7, 100])
  func shuffled(count: Int, size: Int) {
    let elements = Array(10..<10 + count)
    var (generator, sameGenerator) = (RandomGenerator(seed: 10), RandomGenerator(seed: 10))
    let batches = ([0, 1] + elements)[2...].shuffledBatches(ofSize: size, using: &generator)
    var shuffled = elements
    shuffled.reproduciblyShuffle(using: &sameGenerator)
    let expected = stride(from: 0, to: count, by: size).map { Array(shuffled[$0..<min($0 + size, count)]) }
    #expect(Array(batches) == expected)
    #expect(generator == sameGenerator)
    #expect(shuffled.sorted() == elements)
  }

  /// The order was computed by a program in Python. A training that is repeated depends on it: this test may never be
  /// adapted to another order.
  @Test func theOrderStaysAsItIs() {
    var generator = RandomGenerator(seed: 1)
    #expect(Array((0..<10).shuffledBatches(ofSize: 4, using: &generator)) == [[4, 2, 1, 3], [7, 9, 5, 0], [6, 8]])
  }

  @Test func batchesOfOtherData() {
    let (users, ratings) = ([7, 8, 9], [0.5, 0.25, 1])
    let batches = Batches(count: 3, size: 2) { numbers in
      (users: numbers.map { users[$0] }, ratings: numbers.map { ratings[$0] })
    }
    #expect(batches.map(\.users) == [[7, 8], [9]] && batches.map(\.ratings) == [[0.5, 0.25], [1]])
    var generator = RandomGenerator(seed: 4)
    for batch in batches.withShuffledExamples(using: &generator) {
      for (user, rating) in zip(batch.users, batch.ratings) {
        #expect(users.firstIndex(of: user) == ratings.firstIndex(of: rating))
      }
    }
  }

  @Test func allInOneBatch() {
    #expect(Array([1, 2, 3].batches(ofSize: .max)) == [[1, 2, 3]])
    #expect([Int]().batches(ofSize: .max).isEmpty)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Batches: 2 examples by 0, expected 0 or more by 1 or more") { _ = [1, 2].batches(ofSize: 0) },
    ProgrammingError("Batches: -1 examples by 1, expected 0 or more by 1 or more") {
      _ = Batches(count: -1, size: 1) { $0 }
    },
    ProgrammingError("Batches: 1 is not in 0..<1") { _ = [1, 2].batches(ofSize: 2)[1] },
  ]
}
