public import SliceGrad

/// Labelled texts, encoded for training: one bag of rows and one class per text, in flat arrays.
///
///     let features = NGramFeatures(of: training.map(\.text), NGramConfiguration())
///     let data = try TextDataSet(training, features: features, labels: LabelVocabulary(of: training))
///     for batch in data.batches(ofSize: 2) { print(batch.texts.bagCount, batch.labels) }
///     // 2 [0, 1]
///     // 1 [2]
public struct TextDataSet: Sendable, Equatable {
  /// The bags of rows, one per text.
  public let texts: RaggedIndices
  /// The class of each text.
  public let labels: [Int32]

  /// Encodes the examples.
  ///
  /// Throws `DataError` with the place of the first example whose label is unknown.
  ///
  /// - Complexity: O(length of the texts · n-gram lengths).
  public init(_ examples: [LabeledText], features: NGramFeatures, labels: LabelVocabulary) throws(DataError) {
    self.init(texts: features.encode(examples.lazy.map(\.text)), labels: try labels.indices(of: examples))
  }

  /// Texts that are already encoded. Traps unless there is one label per text.
  public init(texts: RaggedIndices, labels: [Int32]) {
    let textCount = texts.rowSplits.count - 1
    require(textCount == labels.count, "TextDataSet: \(textCount) texts, but \(labels.count) labels")
    self.texts = texts
    self.labels = labels
  }

  /// The number of texts.
  public var count: Int { labels.count }

  /// Batches in the order of the texts, as for evaluation. Traps on a size below 1.
  ///
  /// - Complexity: O(n) now, O(batch) for each batch when it is asked for.
  public func batches(ofSize size: Int) -> Batches<TextBatch> { Batches(count: count, size: size, batch) }

  /// Batches of the texts in random order, as for one epoch of training: each text is in exactly one.
  ///
  /// The same generator gives the same order on every platform. Traps on a size below 1.
  ///
  /// - Complexity: O(n) now, O(batch) for each batch when it is asked for.
  public func shuffledBatches(
    ofSize size: Int, using generator: inout some RandomNumberGenerator
  ) -> Batches<TextBatch> { batches(ofSize: size).withShuffledExamples(using: &generator) }

  private func batch(of numbers: ArraySlice<Int>) -> TextBatch {
    TextBatch(texts: texts.bags(numbers), labels: numbers.map { labels[$0] })
  }
}
