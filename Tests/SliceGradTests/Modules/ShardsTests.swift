import SliceGrad
import Testing

@Suite struct ShardsTests {
  @Test func partsOfNearlyEqualSize() {
    let shards = Array(0..<13).shards(4)
    #expect(shards.parts == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11, 12]])
    #expect(shards.counts == [3, 3, 3, 4])
    #expect(shards.exampleCount == 13)
  }

  @Test func someAreEmpty() {
    let shards = [7, 8].shards(8)
    #expect(shards.counts == [0, 0, 0, 1, 0, 0, 0, 1])
    #expect(shards.parts.flatMap(\.self) == [7, 8])
    #expect([Int]().shards(2).counts == [0, 0])
  }

  @Test func bags() {
    let bags = RaggedIndices([[1, 2], [], [3], [4, 5, 6], [7]])
    let shards = bags.shards(2)
    #expect(shards.parts == [RaggedIndices([[1, 2], []]), RaggedIndices([[3], [4, 5, 6], [7]])])
  }

  @Test func ofYourOwn() {
    let shards = Shards(2, of: 5) { $0 }
    #expect(shards.parts == [0..<2, 2..<5])
    #expect(Shards(["a", "b"], counts: [3, 0]).exampleCount == 3)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Shards: 3 parts, expected a power of 2, as they are added in pairs") { _ = [1, 2].shards(3) },
    ProgrammingError("Shards: 2 examples in 0 parts") { _ = [1, 2].shards(0) },
    ProgrammingError("Shards: counts [1] for 2 parts, expected a number of 0 or more for each") {
      _ = Shards(["a", "b"], counts: [1])
    },
    ProgrammingError("valueWithGradients: 2 parts without any examples") {
      _ = valueWithGradients(at: BagModel<Float>(), shards: [Int]().shards(2)) { model, _ in
        model.output.bias!.variable.sum()
      }
    },
  ]
}
