public import SliceGrad

/// Labelled texts encoded for training: one bag of rows and one class a text, in flat arrays.
///
///     let data = try TextDataSet(training, features: features, labels: labels)
///     for batch in data.shuffledBatches(ofSize: 64, using: &generator) {
///       loss(model(batch.texts), batch.labels)
///     }
public struct TextDataSet: Sendable, Equatable {
  public let texts: RaggedIndices
  /// The class of each text.
  public let labels: [Int32]

  /// Encodes the examples. O(length of the texts · n-gram lengths).
  ///
  /// Throws `DataError` with the place of the first example whose label is unknown.
  public init(_ examples: [LabeledText], features: NGramFeatures, labels: LabelVocabulary) throws(DataError) {
    self.init(texts: features.encode(examples.lazy.map(\.text)), labels: try labels.classes(of: examples))
  }

  /// Traps when there is not one label a text.
  public init(texts: RaggedIndices, labels: [Int32]) {
    let textCount = texts.rowSplits.count - 1
    if textCount != labels.count { fatalError("TextDataSet: \(textCount) texts, but \(labels.count) labels") }
    self.texts = texts
    self.labels = labels
  }

  /// The number of texts.
  public var count: Int { labels.count }

  /// Batches in the order of the texts, as for evaluation. Traps on a size below 1. O(n) now, O(batch) a batch.
  public func batches(ofSize size: Int) -> TextBatches {
    TextBatches(self, order: Array(0..<Int32(count)), size: size)
  }

  /// Batches of the texts in random order, as for one epoch of training: each text is in exactly one.
  ///
  /// The same generator gives the same order on every platform. Traps on a size below 1. O(n) now, O(batch) a batch.
  public func shuffledBatches(ofSize size: Int, using generator: inout some RandomNumberGenerator) -> TextBatches {
    var order = Array(0..<Int32(count))
    order.reproduciblyShuffle(using: &generator)
    return TextBatches(self, order: order, size: size)
  }
}
