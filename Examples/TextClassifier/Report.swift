import ExampleParts
import SliceGrad
import SliceGradText

/// What a classifier can do, on standard output.
struct Report {
  private let labeler: any TextLabeler
  private let labels: LabelVocabulary
  /// A label as people call it.
  private let name: (String) -> String
  /// The size of the labeler, for programs.
  private let size: [String: Double]
  private let settings: [Setting]
  private let test: TestTexts?
  /// What the test texts are taken for.
  let evaluation: Evaluation?
  /// How long it took to find that out.
  let evaluationTime: Duration

  init(of classifier: Classifier, test: TestTexts?) {
    (labeler, labels, name, self.test) = (classifier, classifier.labels, classifier.name, test)
    size = ["labels": Double(labels.count), "tableRows": Double(classifier.features.rowCount)]
    settings = classifier.settings
    let start = ContinuousClock.now
    evaluation = test.map { test in
      let (classes, probabilities) = classifier.model.predictions(of: test.dataSet!)
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

  /// A report on the texts of a file, if there is one.
  init(of model: FastTextModel, testFile: String?) throws(DataError) {
    guard let labels = LabelVocabulary(labels: model.labels) else {
      throw DataError(at: TextLocation(path: model.path), found: "a label twice", expected: "different labels")
    }
    (labeler, self.labels, name) = (model, labels, { $0 })
    size = ["labels": Double(labels.count), "words": Double(model.wordCount)]
    let texts = try testFile.map { path throws(DataError) in try LabeledTextFile(path).examples() }
    test = texts.map { TestTexts($0, features: nil, labels: labels) }
    settings = []
    let start = ContinuousClock.now
    evaluation = texts.map { texts in
      let best = model.mostProbable(1, of: texts.map(\.text)).map(\.first)
      // A text of which the model knows nothing is taken for none of its labels.
      let names = model.labels + (best.contains { $0 == nil } ? [Self.noLabel] : [])
      let places = [String: Int32](uniqueKeysWithValues: zip(names, 0...))
      return Evaluation(
        labels: names, truths: texts.map(\.label), classes: best.map { places[$0?.label ?? Self.noLabel]! },
        probabilities: best.map { $0?.probability ?? 0 })
    }
    evaluationTime = ContinuousClock.now - start
  }

  private static let noLabel = "(no label)"

  /// A report on the classifier in a file, which may be fastText's, on the texts of another one.
  static func of(_ file: String, testFile: String?) throws -> Self {
    if let model = try FastTextModel.classifier(file) { return try Self(of: model, testFile: testFile) }
    return try Self(of: Classifier(contentsOf: file), testFile: testFile)
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
    for (label, figures) in zip(labels.labels, evaluation.labelFigures) {
      let shares = [figures.precision, figures.recall, figures.f1].map { $0?.formatted(digits: 4) ?? "–" }
      print("\(label)\t\(figures.textCount)\t" + shares.joined(separator: "\t"))
    }
  }

  /// Some test texts from all over the data set, with the label that the model takes them for and how sure it is.
  func printSomeTestTexts() {
    let shown = 12
    let texts = (0..<shown).map { testTexts[($0 * 2 + 1) * testTexts.count / (2 * shown)] }
    let width = (texts.map(\.text.count).max() ?? 0) + 2
    for (text, best) in zip(texts, labeler.mostProbable(1, of: texts.map(\.text)).map { $0[0] }) {
      let verdict = best.label == text.label ? "" : "  – no, \(name(text.label))"
      print(
        "  \(text.text.padded(to: width))\(name(best.label)), \(percent(best.probability))\(verdict)")
    }
  }

  /// The most probable labels of some texts.
  func printClassifications(of texts: [String]) {
    for (text, best) in zip(texts, labeler.mostProbable(3, of: texts)) {
      let labels = best.map { "\(name($0.label)) \(percent($0.probability))" }
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
    for (key, number) in size { results[key] = number }
    return results
  }

  /// A page on the test texts, whose name it shows; nil without any.
  func page(of texts: String) -> ReportPage? {
    evaluation.map { evaluation in
      let file = testTexts.first?.location?.path
      return ReportPage(
        evaluation: evaluation, texts: testTexts, textsName: texts, labelNames: evaluation.labels.map(name),
        warning: test?.warning, settings: (file.map { [Setting("test", $0)] } ?? []) + settings,
        labellingTime: evaluationTime)
    }
  }

  private func percent(_ probability: Float) -> String { (Double(probability) * 100).formatted(digits: 1) + " %" }
}

extension String {
  /// The string, followed by spaces that make it at least `width` characters long.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
