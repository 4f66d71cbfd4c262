import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// How a classifier is made small.
struct Quantization {
  /// The bits of a weight: 8 or 4.
  var bits = 8
  /// The number of bytes that the file may have.
  var maxSize: ByteCount?
  /// Passes over the training texts after rows were taken away.
  var epochs = 2

  /// The small classifier. Throws `UsageError` if no file is that small.
  ///
  /// - Parameters:
  ///   - texts: texts as rows of the classifier's table. Rows that none of them has are taken away.
  ///   - data: texts with their labels, to train those rows on that are left.
  func quantized(
    _ classifier: Classifier, texts: [String]?, training: [LabeledText]?, _ progress: Progress
  ) throws -> QuantizedClassifier {
    let seen = texts ?? training?.map(\.text)
    guard maxSize != nil || seen != nil else { return QuantizedClassifier(classifier, bits: bits) }
    var rows = seen.map { classifier.features.encode($0) }
    if let kept = classifier.model.keptRows { rows = rows.map { kept($0) } }
    let pruning = Pruning(classifier, texts: rows)
    guard var pruned = try pruning.pruned(toFit: maxSize?.bytes, bits: bits) else {
      throw UsageError(
        "--max-size: found \(maxSize!.text.quoted), expected more: labels and output layer alone take more")
    }
    let count = pruned.model.embedding.weight.rowCount
    progress.line(
      "\(count) of \(classifier.model.embedding.weight.rowCount) rows are left; the texts use \(pruning.usedCount)")
    if let training, count < pruning.usedCount {
      let data = try TextDataSet(
        training, features: pruned.features, labels: pruned.labels, allowsSeveralLabels: pruned.loss == .independent)
      pruned = try pruned.retrained(on: data, epochs: epochs, progress)
    }
    return QuantizedClassifier(pruned, bits: bits)
  }
}
