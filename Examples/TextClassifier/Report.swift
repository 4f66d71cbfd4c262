import ExampleParts
import SliceGrad
import SliceGradText

/// What a classifier can do, on standard output.
struct Report {
  private let classifier: Classifier
  private let test: TestTexts?
  /// What the test texts are taken for.
  let evaluation: Evaluation?
  /// How long it took to find that out.
  let evaluationTime: Duration

  init(of classifier: Classifier, test: TestTexts?) {
    (self.classifier, self.test) = (classifier, test)
    let start = ContinuousClock.now
    evaluation = test.map { test in
      let (classes, probabilities) = classifier.model.predictions(of: test.dataSet)
      return Evaluation(
        labels: classifier.labels.labels, truths: test.texts.map(\.label), classes: classes,
        probabilities: probabilities)
    }
    evaluationTime = ContinuousClock.now - start
  }

  /// A report on the texts of a file, if there is one.
  init(of classifier: Classifier, testFile: String?) throws(DataError) {
    var test: TestTexts?
    if let testFile {
      let texts = try LabeledTextFile(testFile).examples()
      test = TestTexts(texts, features: classifier.features, labels: classifier.labels)
    }
    self.init(of: classifier, test: test)
  }

  private var testTexts: [LabeledText] { test?.texts ?? [] }

  func printAccuracy() {
    guard let test, let evaluation else { return }
    print(
      "test accuracy \(evaluation.accuracy.formatted(digits: 4)): "
        + "\(evaluation.correctCount) of \(testTexts.count) test texts")
    if let warning = test.warning { print(warning) }
  }

  /// For each label the share of the texts taken for it that have it, the share of its texts taken for it, and the
  /// harmonic mean of both, as a table.
  func printLabels() {
    guard let evaluation else { return }
    print("label\ttexts\tprecision\trecall\tF1")
    for (label, figures) in zip(classifier.labels.labels, evaluation.labelFigures) {
      let shares = [figures.precision, figures.recall, figures.f1].map { $0?.formatted(digits: 4) ?? "–" }
      print("\(label)\t\(figures.textCount)\t" + shares.joined(separator: "\t"))
    }
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
  func printJSON(_ training: [String: Double]) throws { try printJSONLine(figures(training)) }

  /// The accuracy, and how it was reached.
  func figures(_ training: [String: Double]) -> [String: Double?] {
    var results: [String: Double?] = training
    results["testExamples"] = Double(testTexts.count)
    results.updateValue(evaluation?.accuracy, forKey: "testAccuracy")  // also as null
    results["labels"] = Double(classifier.labels.count)
    results["tableRows"] = Double(classifier.features.rowCount)
    return results
  }

  /// A page on the test texts, whose name it shows; nil without any.
  func page(of name: String) -> ReportPage? {
    evaluation.map { evaluation in
      let file = testTexts.first?.location?.path
      return ReportPage(
        evaluation: evaluation, texts: testTexts, textsName: name, labelNames: evaluation.labels.map(classifier.name),
        warning: test?.warning, settings: (file.map { [Setting("test", $0)] } ?? []) + classifier.settings,
        labellingTime: evaluationTime)
    }
  }

  private func percent(_ probability: Float) -> String { (Double(probability) * 100).formatted(digits: 1) + " %" }
}

extension String {
  /// The string, followed by spaces that make it at least `width` characters long.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
