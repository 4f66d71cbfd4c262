import ExampleParts
import SliceGradText
import Testing

@testable import TextClassifier

/// Against sums that are done by hand, and as scikit-learn's `f1_score` has them.
struct LabelScoresTests {
  private let known = LabelVocabulary(labels: ["a", "b", "c", "d"])!

  private func text(_ labels: String...) -> LabeledText {
    LabeledText(label: labels[0], otherLabels: Array(labels.dropFirst()), text: "x")
  }

  @Test func countsLabels() {
    let scores = LabelScores(
      of: [[0, 1], [2], [], [0]], for: [text("a", "c"), text("c"), text("new", "b"), text("new")], known: known)
    #expect(scores.labels.map(\.textCount) == [1, 1, 2, 0])
    #expect(scores.labels.map(\.takenCount) == [2, 1, 1, 0])
    #expect(scores.labels.map(\.correctCount) == [1, 0, 1, 0])
    #expect(scores.unseen.mapValues(\.textCount) == [Spelling("new"): 2])
    #expect(scores.labels.map(\.precision) == [0.5, 0, 1, nil])
    #expect(scores.labels.map(\.recall) == [1, 0, 0.5, nil])
    #expect(scores.labels.map(\.f1) == [2.0 / 3, 0, 2.0 / 3, nil])
    let total = scores.total
    #expect(total.precision == 0.5 && total.recall == 2.0 / 6 && total.f1 == 0.4)
    #expect(abs(scores.macroF1 - (2.0 / 3 + 0 + 2.0 / 3 + 0) / 4) < 1e-15)  // d doesn't count, the unseen one does
  }

  @Test func nothingGivenAndNothingRight() {
    let nothing = LabelScores(of: [[]], for: [text("a")], known: known)
    #expect(nothing.total.precision == nil && nothing.total.recall == 0 && nothing.macroF1 == 0)
    let wrong = LabelScores(of: [[0]], for: [text("new")], known: known)
    #expect(wrong.total.precision == 0 && wrong.total.recall == 0 && wrong.total.f1 == 0)
  }

  @Test func unseenLabelsAreToldApartByTheirSpelling() {
    let scores = LabelScores(of: [[], []], for: [text("caf\u{E9}"), text("cafe\u{301}")], known: known)
    #expect(scores.unseen.count == 2 && scores.total.textCount == 2)
  }
}
