import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct TextBatchTests {
  private let texts = RaggedIndices([[7], [4, 5], []] as [[Int32]])

  @Test func targetsAreOneAtTheLabels() {
    let batch = TextBatch(texts: texts, labelSets: RaggedIndices([[0, 2], [], [1]] as [[Int32]]))
    #expect(batch.targets(classes: 4) == Tensor([[1, 0, 1, 0], [0, 0, 0, 0], [0, 1, 0, 0]]))
    #expect(batch.count == 3 && batch.weights == nil)
  }

  @Test func singleLabelsAreSetsOfOne() {
    let batch = TextBatch(texts: texts, labels: [2, 0, 2], weights: [1, 2, 3])
    #expect(batch.labels == [2, 0, 2] && batch.weights == [1, 2, 3])
    #expect(batch.labelSets == RaggedIndices([[2], [0], [2]] as [[Int32]]))
    #expect(batch == TextBatch(texts: texts, labelSets: batch.labelSets, weights: [1, 2, 3]))
    #expect(batch.targets(classes: 3) == Tensor([[0, 0, 1], [1, 0, 0], [0, 0, 1]]))
  }

  /// Also where as many labels as texts are there, but not one each.
  @Test func severalLabelsAreNoLabels() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let texts = RaggedIndices([[1], [2]] as [[Int32]])
      _ = TextBatch(texts: texts, labelSets: RaggedIndices([[], [1, 0]] as [[Int32]])).labels
    }
    #expect(
      result?.standardErrorContent.trapMessage == "TextBatch.labels: text 0 has 0 labels, expected 1; see labelSets")
  }

  @Test func aClassOutOfRangeTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TextBatch(texts: RaggedIndices([[1]] as [[Int32]]), labels: [3]).targets(classes: 3)
    }
    #expect(result?.standardErrorContent.trapMessage == "TextBatch.targets: class 3 is not in 0..<3")
  }
}
