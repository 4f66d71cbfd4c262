import ExampleParts
import SliceGrad
import SliceGradText

/// What a classifier can do, on standard output.
struct Report {
  private let mostProbable: (Int, [String]) throws -> [[(label: String, probability: Float)]]
  private let labels: LabelVocabulary
  /// A label as people call it.
  private let name: (String) -> String
  /// The size of the labeler, for programs.
  private let size: [String: Double]
  private let settings: [Setting]
  private let test: TestTexts?
  private let choice: LabelChoice
  /// Whether this process prints it.
  private var isPrinted = true
  /// What the test texts are taken for, of single labels.
  let evaluation: Evaluation?
  /// How well the labels that they are given agree with theirs, of others.
  private let scores: LabelScores?
  /// How long it took to find that out.
  let evaluationTime: Duration

  /// - Parameters:
  ///   - texts: what it is tested with, if there is something.
  ///   - top: so many labels a text are given to the test texts, if the user says so.
  ///   - threshold: of this probability or more, if the user says so.
  ///   - logits: those of texts, by the classifier's model.
  private init(
    of classifier: Classifier, texts: [LabeledText]?, top: Int? = nil, threshold: Double? = nil,
    logits: @escaping (RaggedIndices) throws -> Tensor<Float>
  ) rethrows {
    mostProbable = { try classifier.mostProbable($0, of: $1, logits: logits) }
    let test = texts.map { TestTexts($0, for: classifier) }
    (labels, name, self.test) = (classifier.labels, classifier.name, test)
    size = ["labels": Double(labels.count), "tableRows": Double(classifier.features.rowCount)]
    settings = classifier.settings
    choice = classifier.choice(top: top, threshold: threshold)
    let isOfSingleLabels =
      classifier.loss == .softmax && top == nil && threshold == nil && test?.haveOneLabel ?? true
    let start = ContinuousClock.now
    evaluation = isOfSingleLabels ? try test?.evaluation(logits: logits) : nil
    scores = isOfSingleLabels ? nil : try test?.scores(classifier.loss, choice, logits: logits)
    evaluationTime = ContinuousClock.now - start
  }

  /// A report on test texts, if there are some. If processes share the rows of the classifier's table, all find out
  /// what it says, and the first one prints it.
  init(of classifier: Classifier, texts: [LabeledText]?, _ ranks: Ranks) throws {
    try self.init(of: classifier, texts: texts) { try classifier.model.logits(of: $0, ranks) }
    isPrinted = ranks.isFirst
  }

  /// A report on the texts of a file, if there is one.
  init(
    of classifier: Classifier, testFile: String?, top: Int? = nil, threshold: Double? = nil
  ) throws(DataError) {
    let texts = try testFile.map { path throws(DataError) in try LabeledTextFile(path).examples() }
    self.init(of: classifier, texts: texts, top: top, threshold: threshold) { classifier.model($0).value }
  }

  /// A report on the texts of a file, if there is one.
  init(
    of model: FastTextModel, testFile: String?, top: Int? = nil, threshold: Double? = nil
  ) throws(DataError) {
    guard let labels = LabelVocabulary(labels: model.labels) else {
      throw DataError(at: TextLocation(path: model.path), found: "a label twice", expected: "different labels")
    }
    mostProbable = { model.mostProbable($0, of: $1) }
    (self.labels, name) = (labels, { $0 })
    size = ["labels": Double(labels.count), "words": Double(model.wordCount)]
    let texts = try testFile.map { path throws(DataError) in try LabeledTextFile(path).examples() }
    test = texts.map { TestTexts($0, features: nil, labels: labels) }
    settings = []
    let choice = model.choice(top: top, threshold: threshold)
    self.choice = choice
    let start = ContinuousClock.now
    let isOfSingleLabels = top == nil && threshold == nil && test?.haveOneLabel ?? true
    evaluation = isOfSingleLabels ? texts.map { model.evaluation(on: $0) } : nil
    let given = isOfSingleLabels ? nil : texts.map { model.labels(of: $0.map(\.text), choice) }
    scores = given.map { given in
      LabelScores(of: given.map { $0.map { labels.index(of: $0.label)! } }, for: texts!, known: labels)
    }
    evaluationTime = ContinuousClock.now - start
  }

  /// A report on the classifier in a file, which may be fastText's, on the texts of another one.
  static func of(_ file: String, testFile: String?, top: Int? = nil, threshold: Double? = nil) throws -> Self {
    if let model = try FastTextModel.classifier(file) {
      return try Self(of: model, testFile: testFile, top: top, threshold: threshold)
    }
    return try Self(of: Classifier(contentsOf: file), testFile: testFile, top: top, threshold: threshold)
  }

  private var testTexts: [LabeledText] { test?.texts ?? [] }

  private func print(_ line: String) { if isPrinted { Swift.print(line) } }

  /// Of single labels the accuracy, of others precision, recall and F1.
  func printScores() {
    guard let test else { return }
    if let evaluation {
      print(
        "test accuracy \(evaluation.accuracy.formatted(digits: 4)): "
          + "\(evaluation.correctCount) of \(testTexts.count) test texts")
    } else if let scores {
      let (total, at) = (scores.total, choice.top.map { "@\($0)" } ?? "")
      print(
        "test precision\(at) \(share(total.precision)): \(total.correctCount) of \(total.takenCount) labels given are right"
      )
      print(
        "test recall\(at) \(share(total.recall)): \(total.correctCount) of \(total.textCount) labels of "
          + "\(test.texts.count) test texts are given")
      print("test F1 \(share(total.f1)) (micro), \(share(scores.macroF1)) (macro)")
    }
    if let warning = test.warning { print(warning) }
  }

  /// For each label the share of the texts given it that have it, the share of its texts that are given it, and the
  /// harmonic mean of both, as a table.
  func printLabels() {
    guard let figures = evaluation?.labelFigures ?? scores?.labels else { return }
    print("label\ttexts\tprecision\trecall\tF1")
    for (label, figures) in zip(labels.labels, figures) {
      let shares = [figures.precision, figures.recall, figures.f1].map(share)
      print("\(label)\t\(figures.textCount)\t" + shares.joined(separator: "\t"))
    }
  }

  private func share(_ share: Double?) -> String { share?.formatted(digits: 4) ?? "–" }

  /// Some test texts from all over the data set, with the label that the model takes them for and how sure it is.
  func printSomeTestTexts() throws {
    let shown = 12
    let texts = (0..<shown).map { testTexts[($0 * 2 + 1) * testTexts.count / (2 * shown)] }
    let width = (texts.map(\.text.count).max() ?? 0) + 2
    for (text, best) in zip(texts, try mostProbable(1, texts.map(\.text)).map { $0[0] }) {
      let verdict = Spelling(best.label) == Spelling(text.label) ? "" : "  – no, \(name(text.label))"
      print(
        "  \(text.text.padded(to: width))\(name(best.label)), \(percent(best.probability))\(verdict)")
    }
  }

  /// The most probable labels of some texts.
  func printClassifications(of texts: [String]) throws {
    for (text, best) in zip(texts, try mostProbable(3, texts)) {
      let labels = best.map { "\(name($0.label)) \(percent($0.probability))" }
      print("“\(text)”: " + labels.joined(separator: ", "))
    }
  }

  /// One line for programs: the accuracy or the scores, and how it was reached.
  func printJSON(_ training: [String: Double]) throws { if isPrinted { try printJSONLine(figures(training)) } }

  /// The accuracy or the scores, and how it was reached.
  func figures(_ training: [String: Double]) -> [String: Double?] {
    var results: [String: Double?] = training
    results["testExamples"] = Double(testTexts.count)
    if let test { results["textsWithUnseenLabels"] = Double(test.countWithUnseenLabels) }
    results.updateValue(evaluation?.accuracy, forKey: "testAccuracy")  // also as null
    if let scores {
      results["testPrecision"] = scores.total.precision
      results["testRecall"] = scores.total.recall
      results["testMicroF1"] = scores.total.f1
      results["testMacroF1"] = scores.macroF1
    }
    for (key, number) in size { results[key] = number }
    return results
  }

  /// A page on the test texts, whose name it shows; nil without any. Throws `UsageError` unless each has one label and
  /// is given one.
  func page(of texts: String) throws(UsageError) -> ReportPage? {
    guard test != nil else { return nil }
    guard let evaluation else { throw Self.noPage }
    let file = testTexts.first?.location?.path
    return ReportPage(
      evaluation: evaluation, texts: testTexts, textsName: texts, labelNames: evaluation.labels.map(name),
      warning: test?.warning, settings: (file.map { [Setting("test", $0)] } ?? []) + settings,
      labellingTime: evaluationTime)
  }

  /// What is wrong with a page on other texts.
  static let noPage = UsageError("--report shows texts of one label each, and one label given; these have several")

  private func percent(_ probability: Float) -> String { (Double(probability) * 100).formatted(digits: 1) + " %" }
}

extension String {
  /// The string, followed by spaces that make it at least `width` characters long.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
