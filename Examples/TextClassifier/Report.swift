import ExampleParts
import SliceGrad
import SliceGradText

/// What a classifier can do, on standard output.
struct Report {
  private let classifier: Classifier
  private let test: TestTexts?
  /// The classes that the test texts are taken for.
  private let classes: [Int32]

  init(of classifier: Classifier, test: TestTexts?) {
    (self.classifier, self.test) = (classifier, test)
    classes = test.map { classifier.model.classes(of: $0.dataSet) } ?? []
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

  private var correctCount: Int { zip(classes, test?.dataSet.labels ?? []).count { $0 == $1 } }

  private var testAccuracy: Double? { test.map { Double(correctCount) / Double($0.texts.count) } }

  func printAccuracy() {
    guard let test, let testAccuracy else { return }
    print("test accuracy \(testAccuracy.formatted(digits: 4)): \(correctCount) of \(testTexts.count) test texts")
    if let warning = test.warning { print(warning) }
  }

  /// For each label the share of the texts taken for it that have it, the share of its texts taken for it, and the
  /// harmonic mean of both, as a table.
  func printLabels() {
    guard let test else { return }
    let labels = classifier.labels.labels
    func counts(_ classes: [Int32]) -> [Int] {
      classes.reduce(into: Array(repeating: 0, count: labels.count)) { if $1 >= 0 { $0[Int($1)] += 1 } }
    }
    let right = counts(zip(classes, test.dataSet.labels).filter { $0 == $1 }.map(\.0))
    let (taken, there) = (counts(classes), counts(test.dataSet.labels))
    print("label\ttexts\tprecision\trecall\tF1")
    for (i, label) in labels.enumerated() {
      func share(_ count: Int, of all: Int) -> String {
        all == 0 ? "–" : (Double(count) / Double(all)).formatted(digits: 4)
      }
      print(
        "\(label)\t\(there[i])\t\(share(right[i], of: taken[i]))\t\(share(right[i], of: there[i]))"
          + "\t\(share(2 * right[i], of: taken[i] + there[i]))")
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
