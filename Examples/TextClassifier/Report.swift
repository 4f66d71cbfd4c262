import ExampleParts
import SliceGrad
import SliceGradText

/// What a classifier can do, on standard output.
struct Report {
  private let classifier: Classifier
  private let testTexts: [LabeledText]
  private let correctTestTexts: Int?

  init(of classifier: Classifier, test: TestTexts?) {
    self.classifier = classifier
    testTexts = test?.texts ?? []
    correctTestTexts = test.map { classifier.model.correctCount(on: $0.dataSet) }
  }

  private var testAccuracy: Double? {
    correctTestTexts.map { Double($0) / Double(testTexts.count) }
  }

  func printAccuracy() {
    guard let correctTestTexts, let testAccuracy else { return }
    print(
      "test accuracy \(testAccuracy.formatted(digits: 4)): "
        + "\(correctTestTexts) of \(testTexts.count) test texts")
  }

  /// Some test texts from all over the data set, with the label that the model takes them for and how sure it is.
  func printSomeTestTexts() {
    let shown = 12
    let texts = (0..<shown).map { testTexts[($0 * 2 + 1) * testTexts.count / (2 * shown)] }
    let width = (texts.map(\.text.count).max() ?? 0) + 2
    for (text, best) in zip(texts, classifier.mostProbable(1, of: texts.map(\.text)).map { $0[0] }) {
      let verdict = best.label == text.label ? "" : "  – no, \(classifier.name(of: text.label))"
      print(
        "  \(text.text.padded(to: width))\(classifier.name(of: best.label)), \(percent(best.probability))\(verdict)")
    }
  }

  /// The most probable labels of some texts.
  func printClassifications(of texts: [String]) {
    for (text, best) in zip(texts, classifier.mostProbable(3, of: texts)) {
      let labels = best.map { "\(classifier.name(of: $0.label)) \(percent($0.probability))" }
      print("“\(text)”: " + labels.joined(separator: ", "))
    }
  }

  /// One line for programs: the accuracy, and how it was reached.
  func printJSON(_ training: [String: Double]) throws {
    var results: [String: Double?] = training
    results["testExamples"] = Double(testTexts.count)
    results.updateValue(testAccuracy, forKey: "testAccuracy")  // also as null
    results["labels"] = Double(classifier.labels.count)
    results["tableRows"] = Double(classifier.features.rowCount)
    try printJSONLine(results)
  }

  private func percent(_ probability: Float) -> String { (Double(probability) * 100).formatted(digits: 1) + " %" }
}

extension String {
  /// The string, followed by spaces that make it at least `width` characters long.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
