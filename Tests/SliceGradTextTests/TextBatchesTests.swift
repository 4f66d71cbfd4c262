import SliceGrad
import Testing

@testable import SliceGradText

@Suite struct TextBatchesTests {
  /// Text number i holds i % 4 rows that only it has, and its label is i.
  private func dataSet(count: Int32) -> TextDataSet {
    let bags = (0..<count).map { i in (0..<(i % 4)).map { i * 10 + $0 } }
    let rowSplits = bags.reduce(into: [0]) { $0.append($0.last! + Int32($1.count)) }
    let texts = RaggedIndices(values: Array(bags.joined()), rowSplits: rowSplits)
    return TextDataSet(texts: texts, labels: Array(0..<count))
  }

  private func bags(_ texts: RaggedIndices) -> [[Int32]] {
    zip(texts.rowSplits, texts.rowSplits.dropFirst()).map { Array(texts.values[Int($0)..<Int($1)]) }
  }

  @Test(arguments: [0, 1, 5, 12, 13], [1, 2, 3, 12, 13, 100])
  func batchesInOrderAreTheDataSet(count: Int32, size: Int) {
    let dataSet = dataSet(count: count)
    let batches = dataSet.batches(ofSize: size)
    let all = Array(batches)
    #expect(all.count == batches.count)
    #expect(all.flatMap(\.labels) == dataSet.labels)
    #expect(all.flatMap { bags($0.texts) } == bags(dataSet.texts))
    #expect(all.dropLast().allSatisfy { $0.count == size })
    #expect(all.last.map { (1...size).contains($0.count) } ?? (count == 0))
    #expect(all.allSatisfy { $0.texts.rowSplits.count == $0.count + 1 })
    for dropped in [0, 1, all.count, all.count + 1] {
      #expect(Array(batches.dropFirst(dropped)) == Array(all.dropFirst(dropped)))
      #expect(batches.dropFirst(dropped).count == max(all.count - dropped, 0))
    }
    #expect(Array(batches) == all)  // a second pass begins anew
  }

  @Test(arguments: [0, 1, 5, 100], [1, 7, 100])
  func shuffledBatchesHoldEachTextOnceWithItsLabel(count: Int32, size: Int) {
    let dataSet = dataSet(count: count)
    let expected = bags(dataSet.texts)
    var generator = RandomGenerator(seed: 10)
    let batches = dataSet.shuffledBatches(ofSize: size, using: &generator)
    #expect(batches.count == dataSet.batches(ofSize: size).count)
    #expect(batches.flatMap(\.labels).sorted() == dataSet.labels)
    for batch in batches { #expect(bags(batch.texts) == batch.labels.map { expected[Int($0)] }) }
  }

  @Test func theGeneratorDecidesTheOrder() {
    let dataSet = dataSet(count: 100)
    func labels(_ generator: inout RandomGenerator) -> [Int32] {
      dataSet.shuffledBatches(ofSize: 8, using: &generator).flatMap(\.labels)
    }
    var generator = RandomGenerator(seed: 11)
    var sameGenerator = generator
    let firstEpoch = labels(&generator)
    #expect(firstEpoch == labels(&sameGenerator))
    #expect(firstEpoch != dataSet.labels)
    #expect(firstEpoch != labels(&generator))
  }

  @Test func aSizeBelowOneTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TextDataSet(texts: RaggedIndices(values: [], rowSplits: [0]), labels: []).batches(ofSize: 0)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("TextBatches: a batch of 0 texts, not 1 or more"))
  }
}
