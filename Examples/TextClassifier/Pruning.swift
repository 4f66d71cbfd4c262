import ExampleParts
import SliceGrad
import SliceGradText
import SliceGradTraining

/// Takes rows away from a classifier, those first that count least for the bytes that they take.
///
/// A row moves the logits of a text by as much as its own logits are, and it does so in as many texts as have it. It is
/// valued at √(how often the texts have it) · |its logits|. From those of a softmax their mean is taken, because what
/// all labels have in common changes nothing there. The root kept more of the accuracy than the number itself.
struct Pruning {
  /// The values of the rows; 0 if no text has one.
  private let values: [Float]
  private let classifier: Classifier

  /// - Parameter texts: texts as rows of the classifier's table; without them, each row counts as used once.
  init(_ classifier: Classifier, texts: RaggedIndices?) {
    self.classifier = classifier
    let table = classifier.model.embedding.weight.value
    let weight = classifier.model.output.weight.value
    let centered =
      classifier.loss == .softmax ? weight - weight.mean(over: [0], keepingDimensions: true) : weight
    var counts = [Int32](repeating: texts == nil ? 1 : 0, count: table.shape[0])
    for row in texts?.values ?? [] { counts[Int(row)] += 1 }
    var values: [Float] = []
    values.reserveCapacity(counts.count)
    for start in stride(from: 0, to: counts.count, by: Self.rowsAtOnce) {
      let part = table.slice(start..<min(start + Self.rowsAtOnce, counts.count), axis: 0)
      let logits = part.matmul(centered, transposeRight: true)
      let squares = (logits * logits).sum(over: [1])
      for (square, count) in zip(squares.elements, counts[start...]) {
        values.append(count == 0 ? 0 : (Float(count) * square).squareRoot())
      }
    }
    self.values = values
  }

  private static let rowsAtOnce = 4096

  /// What the number of a bucket takes in a file.
  private static let bytesOfBucket = 4

  /// The number of rows that any text has.
  var usedCount: Int { values.count { $0 > 0 } }

  /// The classifier with its most valuable rows: as many as fit into a file of so many bytes with so many bits a
  /// weight, or all that are used. Nil if not even one without a row fits.
  func pruned(toFit byteCount: Int?, bits: Int) throws -> Classifier? {
    let words = classifier.features.vocabulary.words
    let bytesInRow = QuantizedRows.bytesInRow(columns: classifier.model.embedding.weight.columnCount, bits: bits)
    let densities = values.enumerated().map { row, value in
      value / Float(bytesInRow + (row < words.count ? WordIndex.byteCount(of: words[row]) : Self.bytesOfBucket))
    }
    let order = values.indices.filter { values[$0] > 0 }.sorted { (densities[$1], $0) < (densities[$0], $1) }
    guard let byteCount else { return keeping(order[...]) }
    func fits(_ count: Int) throws -> Bool { try self.byteCount(of: order[..<count], bits: bits) <= byteCount }
    guard try fits(0) else { return nil }
    var (fitting, tooMany) = (0, min(order.count, byteCount / bytesInRow) + 1)
    while fitting + 1 < tooMany {
      let middle = (fitting + tooMany) / 2
      if try fits(middle) { fitting = middle } else { tooMany = middle }
    }
    return keeping(order[..<fitting])
  }

  /// The least number of bytes that a file can be made to fit, without a row.
  func leastByteCount(bits: Int) throws -> Int { try byteCount(of: [], bits: bits) }

  /// The number of bytes of a file with these rows only, or a few more.
  private func byteCount(of rows: ArraySlice<Int>, bits: Int) throws -> Int {
    // The checksum in the header has up to 20 digits, so that the header may be longer with other weights.
    try QuantizedClassifier(keeping(rows), bits: bits).byteCount + 32
  }

  /// The classifier with these rows only, in any order.
  private func keeping(_ rows: ArraySlice<Int>) -> Classifier {
    let (features, model) = (classifier.features, classifier.model)
    let kept = KeptRows(rows.sorted().map { Int32($0) })
    let table = kept.rows(of: model.embedding.weight.value)
    // The rows of the words come first, then those of the buckets that have rows.
    let words = features.vocabulary.words
    let left = kept.rows.prefix { $0 < words.count }
    let buckets = kept.rows.dropFirst(left.count).map { row in
      let bucket = row - Int32(words.count)
      return features.keptBuckets?.rows[Int(bucket)] ?? bucket
    }
    return Classifier(
      model: TextModel(embedding: EmbeddingBag(weight: table), output: model.output),
      features: NGramFeatures(
        features.configuration, vocabulary: WordVocabulary(words: left.map { words[Int($0)] })!,
        keptBuckets: KeptRows(buckets)),
      labels: classifier.labels, isOfNames: classifier.isOfNames, loss: classifier.loss,
      threshold: classifier.threshold)
  }
}
