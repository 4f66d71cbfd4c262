import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// How a classifier is made small.
struct Quantization {
  /// The bits of a weight: 8 or 4.
  let bits: Int
  /// The number of bytes that the file may have.
  var maxSize: ByteCount?
  /// Passes over the training texts after rows were taken away.
  var epochs = 4

  /// Writes a classifier in a small file, and says how large the file is and how much of its score is lost. Returns it
  /// as the file has it. Throws `UsageError` if no file is that small.
  ///
  /// - Parameters:
  ///   - texts: texts as rows of the classifier's table. Rows that none of them has are taken away.
  ///   - training: texts with their labels, to train those rows on that are left.
  ///   - test: the texts on which the score is measured, and what they are called.
  func save(
    _ classifier: Classifier, to file: String, texts: [String]? = nil, training: [LabeledText]?,
    test: (name: String, texts: [LabeledText])?, _ progress: Progress
  ) throws -> Classifier {
    let small = try quantized(classifier, texts: texts, training: training, progress)
    try small.save(to: file)
    print("\(file): \(try small.byteCount) bytes, \(bits) bits a weight")
    if let (name, texts) = test {
      let ((score, before), after) = (classifier.score(on: texts), small.classifier.score(on: texts).value)
      print("\(name) \(score) \(Self.change(from: before, to: after))")
    }
    return small.classifier
  }

  /// Both scores, and the difference of the figures that are shown.
  static func change(from before: Double, to after: Double) -> String {
    let (before, after) = (before.formatted(digits: 4), after.formatted(digits: 4))
    let gain = Double(after)! - Double(before)!
    return "\(after), before \(before): \(abs(gain).formatted(digits: 4)) \(gain > 0 ? "gained" : "lost")"
  }

  /// The small classifier. Throws `UsageError` if no file is that small.
  private func quantized(
    _ classifier: Classifier, texts: [String]?, training: [LabeledText]?, _ progress: Progress
  ) throws -> QuantizedClassifier {
    let seen = texts ?? training?.map(\.text)
    guard maxSize != nil || seen != nil else { return QuantizedClassifier(classifier, bits: bits) }
    let pruning = Pruning(classifier, texts: seen.map { classifier.features.encode($0) })
    guard var pruned = try pruning.pruned(toFit: maxSize?.bytes, bits: bits) else {
      throw UsageError(
        "--max-size: found \(maxSize!.text.quoted), expected at least \(try pruning.leastByteCount(bits: bits)) bytes, "
          + "for the labels and the output layer")
    }
    let count = pruned.model.embedding.weight.rowCount
    let used = seen == nil ? "" : "; the texts use \(pruning.usedCount)"
    progress.line("\(count) of \(classifier.model.embedding.weight.rowCount) rows are left\(used)")
    if let training, count < pruning.usedCount {
      pruned = try pruned.retrained(on: training, by: classifier, epochs: epochs, progress)
    }
    return QuantizedClassifier(pruned, bits: bits)
  }
}

extension Classifier {
  /// The share of the texts whose most probable label is theirs, or one of theirs; the micro F1 of independent labels.
  fileprivate func score(on texts: [LabeledText]) -> (name: String, value: Double) {
    TestTexts(texts, for: self).score(loss, threshold: threshold) { model($0).value }
  }
}
