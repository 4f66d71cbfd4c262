import ExampleParts
import Foundation
import SliceGrad
import SliceGradText

/// What a trained model can do, on standard output.
struct Report {
  private let training: Training
  private let corpus: EncodedCorpus
  private let options: Options
  private let correctTestTexts: Int?

  init(of training: Training, on corpus: EncodedCorpus, _ options: Options) {
    self.training = training
    self.corpus = corpus
    self.options = options
    correctTestTexts = corpus.test.map { training.model.correctCount(on: $0) }
  }

  private var testAccuracy: Double? {
    correctTestTexts.map { Double($0) / Double(corpus.testTexts.count) }
  }

  func printAccuracy() {
    guard let correctTestTexts, let testAccuracy else { return }
    print(
      "test accuracy \(testAccuracy.formatted(digits: 4)): "
        + "\(correctTestTexts) of \(corpus.testTexts.count) texts that it never saw")
  }

  /// Some test texts from all over the data set, with the label that the model takes them for and how sure it is.
  func printSomeTestTexts() {
    let shown = 12
    let texts = (0..<shown).map { corpus.testTexts[($0 * 2 + 1) * corpus.testTexts.count / (2 * shown)] }
    let width = (texts.map(\.text.count).max() ?? 0) + 2
    for (text, best) in zip(texts, mostProbable(1, of: texts.map(\.text)).map { $0[0] }) {
      let verdict = best.label == text.label ? "" : "  – no, \(name(of: text.label))"
      print(
        "  \(text.text.padded(to: width))\(name(of: best.label)), \(percent(best.probability))\(verdict)")
    }
  }

  /// The most probable labels of each text that `--classify` gives.
  func printClassifications() {
    let texts = options.textsToClassify
    for (text, best) in zip(texts, mostProbable(3, of: texts)) {
      print("“\(text)”: " + best.map { "\(name(of: $0.label)) \(percent($0.probability))" }.joined(separator: ", "))
    }
  }

  /// One line for programs.
  func printJSON(trainTime: Duration) throws {
    let results: [String: Double?] = [
      "trainExamples": Double(corpus.training.count),
      "validExamples": Double(corpus.validation?.count ?? 0),
      "testExamples": Double(corpus.testTexts.count),
      "testAccuracy": testAccuracy,
      "trainSeconds": trainTime.seconds,  // from the start of the program to the end of training
      "stepSeconds": training.stepTime.seconds,  // of that, the training steps
      "epochs": Double(options.epochs),
      "steps": Double(training.steps),
      "labels": Double(corpus.labels.count),
      "tableRows": Double(corpus.features.rowCount),
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    print(String(decoding: try encoder.encode(results), as: UTF8.self))
  }

  /// The most probable labels of each text, best first.
  private func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]] {
    guard !texts.isEmpty else { return [] }
    let probabilities = training.model(corpus.features.encode(texts)).value.softmax()
    return texts.indices.map { row in
      probabilities.mostProbable(count, inRow: row).map { (corpus.labels[$0.class], $0.probability) }
    }
  }

  private func name(of label: String) -> String {
    corpus.isNames ? NamesDataSet.englishName(ofLanguage: label) ?? label : label
  }

  private func percent(_ probability: Float) -> String { (Double(probability) * 100).formatted(digits: 1) + " %" }
}

extension String {
  /// With spaces behind it, so that it is at least so many characters long.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
}
