import ExampleParts
import SliceGrad
import SliceGradText
import Testing

@testable import TextClassifier

struct TestTextsTests {
  /// More texts than are encoded at a time.
  @Test func whetherRowsAreKeptChangesNoScore() {
    let texts = (0..<1500).map { number in
      LabeledText(label: ["a", "b", "unseen"][number % 3], text: "word\(number % 7) of text \(number)")
    }
    let features = NGramFeatures(of: texts.prefix(20).map(\.text), NGramConfiguration(buckets: 100))
    let labels = LabelVocabulary(labels: ["a", "b"])!
    var generator = RandomGenerator(seed: 3)
    let model = TextModel(features: features.rowCount, dimensions: 2, classes: 2, using: &generator)
    let kept = TestTexts(texts, features: features, labels: labels, keepsRows: true)
    let encodedInParts = TestTexts(texts, features: features, labels: labels)
    #expect(kept.dataSet?.count == 1500 && encodedInParts.dataSet == nil)

    let logits = model(features.encode(texts.map(\.text))).value
    let (classes, probabilities) = (logits.argmax(), Array(logits.softmax().max(over: [1]).elements))
    let expected = Evaluation(
      labels: labels.labels, truths: texts.map(\.label), classes: classes, probabilities: probabilities)
    let rightCount = zip(texts, classes).count { $0.label == labels[$1] }
    for test in [kept, encodedInParts] {
      let evaluation = test.evaluation { model($0).value }
      #expect(evaluation.probabilities == probabilities)
      #expect(evaluation.correctCount == expected.correctCount && evaluation.correctCount == rightCount)
      #expect(test.score(.softmax) { model($0).value }.value == Double(rightCount) / 1500)
      let (found, expected) = (test.bestThreshold { model($0).value }, kept.bestThreshold { model($0).value })
      #expect(found == expected)
      let choice = LabelChoice(.softmax, top: 1)
      let scores = test.scores(.softmax, choice) { model($0).value }
      #expect(scores.total.correctCount == rightCount)
    }
  }
}
