import ExampleParts
import SliceGrad
import SliceGradText

/// What a model can do, on standard output.
struct Report {
  private let training: Training
  private let corpus: Corpus
  private let testAccuracy: Double?

  init(of training: Training, _ corpus: Corpus) {
    (self.training, self.corpus) = (training, corpus)
    testAccuracy = corpus.test.map { training.model.accuracy(on: $0) }
  }

  func printAccuracy() {
    guard let testAccuracy, let test = corpus.test else { return }
    print("test accuracy \(testAccuracy.formatted(digits: 4)) on \(test.count) texts")
  }

  /// The most probable labels of some texts.
  func printClassifications(of texts: [String]) {
    guard !texts.isEmpty else { return }
    let count = min(3, corpus.labels.count)
    let (probabilities, classes) = training.model(corpus.encode(texts)).value.softmax().topK(count)
    for (row, text) in texts.enumerated() {
      let labels = (0..<count).map { i in
        let percent = (Double(probabilities[row, i]) * 100).formatted(digits: 1)
        return "\(corpus.labels[classes[row * count + i]]) \(percent) %"
      }
      print("“\(text)”: " + labels.joined(separator: ", "))
    }
  }

  /// One line for programs: the accuracy, and how it was reached.
  func printJSON(trainTime: Duration) throws {
    let figures: [String: Double?] = [
      "trainExamples": Double(corpus.training.count),
      "validExamples": Double(corpus.validation?.count ?? 0),
      "testExamples": Double(corpus.test?.count ?? 0),
      "labels": Double(corpus.labels.count),
      "tableRows": Double(corpus.vocabulary.rowCount),
      "validAccuracy": training.best?.accuracy,
      "testAccuracy": testAccuracy,
      "bestEpoch": training.best.map { Double($0.epoch) },
      "steps": Double(training.steps),
      "stepSeconds": training.stepTime.seconds,
      "trainSeconds": trainTime.seconds,
    ]
    try printJSONLine(figures)
  }
}
