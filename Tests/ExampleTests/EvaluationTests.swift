import ExampleParts
import Testing

/// Figures of an evaluation, beside plain loops over all labels and texts.
struct EvaluationTests {
  private static let labels = ["a", "b", "c", "d"]

  /// Texts whose labels, classes and probabilities are drawn; "z" and "y" are labels that training never showed.
  private static func drawn(_ count: Int) -> (truths: [String], classes: [Int32], probabilities: [Float]) {
    var state: UInt64 = 7
    func next(below bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    let truths = (0..<count).map { _ in ["a", "b", "b", "d", "z", "y"][next(below: 6)] }
    let classes = (0..<count).map { _ in Int32(next(below: 3)) }
    return (truths, classes, (0..<count).map { _ in Float(next(below: 101)) / 100 })
  }

  private static func evaluation(_ count: Int) -> Evaluation {
    let (truths, classes, probabilities) = drawn(count)
    return Evaluation(labels: labels, truths: truths, classes: classes, probabilities: probabilities)
  }

  @Test("labels that training never showed follow the others, and are never right")
  func knowsUnseenLabels() {
    let evaluation = Self.evaluation(200)
    #expect(evaluation.labels == ["a", "b", "c", "d", "y", "z"] && evaluation.classCount == 4)
    for figures in evaluation.labelFigures[4...] {
      #expect(figures.textCount > 0 && figures.takenCount == 0 && figures.correctCount == 0)
      #expect(figures.precision == nil && figures.recall == 0 && figures.f1 == 0)
    }
    #expect(evaluation.labelFigures[3].precision == nil && evaluation.labelFigures[2].recall == nil)
  }

  @Test("precision, recall and F1 by label, and their mean")
  func countsLabels() {
    let (truths, classes, _) = Self.drawn(300)
    let evaluation = Self.evaluation(300)
    let names = evaluation.labels
    var f1s: [Double] = []
    for (name, figures) in zip(names, evaluation.labelFigures) {
      var (both, there, taken) = (0.0, 0.0, 0.0)
      for i in truths.indices {
        there += truths[i] == name ? 1 : 0
        taken += names[Int(classes[i])] == name ? 1 : 0
        both += truths[i] == name && names[Int(classes[i])] == name ? 1 : 0
      }
      #expect(figures == LabelFigures(textCount: Int(there), takenCount: Int(taken), correctCount: Int(both)))
      #expect(figures.precision == (taken > 0 ? both / taken : nil))
      #expect(figures.recall == (there > 0 ? both / there : nil))
      if both > 0 {
        let (precision, recall) = (both / taken, both / there)
        #expect(abs(figures.f1! - 2 * precision * recall / (precision + recall)) < 1e-12)
      }
      f1s.append(figures.f1!)
    }
    #expect(abs(evaluation.meanF1 - f1s.reduce(0, +) / 6) < 1e-12)
    let right = truths.indices.count { truths[$0] == names[Int(classes[$0])] }
    #expect(evaluation.correctCount == right && evaluation.accuracy == Double(right) / 300)
  }

  @Test("without texts there are no figures, and nothing is divided by 0")
  func hasNoTexts() {
    let evaluation = Evaluation(labels: ["a"], truths: [], classes: [], probabilities: [])
    #expect(evaluation.accuracy == 0 && evaluation.meanF1 == 0 && evaluation.labelFigures[0].f1 == nil)
    #expect(evaluation.matrix.isEmpty && evaluation.calibration().expectedError == 0)
  }

  @Test("labels that are spelt differently differ, also where they are equal Strings")
  func comparesSpellings() {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    let known = Evaluation(
      labels: [composed, decomposed], truths: [decomposed, composed], classes: [1, 1], probabilities: [1, 1])
    #expect(known.truths == [1, 0] && known.correctCount == 1)
    let unseen = Evaluation(labels: [composed], truths: [decomposed], classes: [0], probabilities: [1])
    #expect(unseen.correctCount == 0 && unseen.labels.count == 2)
  }
}
