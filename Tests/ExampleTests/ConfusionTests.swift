import ExampleParts
import Testing

/// The cells of a confusion matrix.
struct ConfusionTests {
  private let evaluation = Evaluation(
    labels: ["a", "b", "c"], truths: ["a", "b", "b", "a", "b", "z", "a", "c", "b"],
    classes: [0, 0, 0, 1, 2, 1, 1, 2, 0], probabilities: [0.9, 0.5, 0.8, 0.4, 0.6, 0.7, 0.4, 0.3, 0.8])

  @Test("each cell has its texts, the surest first, and the fullest cells come first")
  func ordersCells() {
    #expect(
      evaluation.confusions == [
        Confusion(truth: 1, found: 0, texts: [2, 8, 1]), Confusion(truth: 0, found: 1, texts: [3, 6]),
        Confusion(truth: 1, found: 2, texts: [4]), Confusion(truth: 3, found: 1, texts: [5]),
      ])
  }

  @Test("the diagonal is part of the matrix, and each text is in one cell")
  func hasAllTexts() {
    #expect(evaluation.matrix.flatMap(\.texts).sorted() == Array(0..<9))
    #expect(evaluation.matrix.filter { $0.truth == $0.found }.map(\.texts) == [[0], [7]])
  }
}
