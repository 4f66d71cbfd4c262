public import SliceGrad

/// Labelled texts, encoded for training: a bag of rows and one class per text, or several, in flat arrays.
///
///     let features = NGramFeatures(of: training.map(\.text), NGramConfiguration())
///     let data = try TextDataSet(training, features: features, labels: LabelVocabulary(of: training))
///     for batch in data.batches(ofSize: 2) { print(batch.texts.bagCount, batch.labels) }
///     // 2 [0, 1]
///     // 1 [2]
///
/// Texts with several labels have targets for `sigmoidCrossEntropy` instead:
///
///     let data = try TextDataSet(training, features: features, labels: labels, allowsSeveralLabels: true)
///     for batch in data.batches(ofSize: 2) { print(batch.targets(classes: labels.count).shape) }  // [2, 3] [1, 3]
public struct TextDataSet: Sendable, Equatable {
  /// The bags of rows, one per text.
  public let texts: RaggedIndices
  /// The classes of each text, one bag per text.
  public let labelSets: RaggedIndices
  /// The factor of each text's loss; `nil` if all count the same.
  public let weights: [Float]?

  /// Encodes the examples. Traps unless there is one weight per example, if any.
  ///
  /// Throws `DataError` with the place of the first example whose label is unknown, or that has several labels unless
  /// these are allowed.
  ///
  /// - Complexity: O(length of the texts · n-gram lengths).
  public init(
    _ examples: [LabeledText], features: NGramFeatures, labels: LabelVocabulary, allowsSeveralLabels: Bool = false,
    weights: [Float]? = nil
  ) throws(DataError) {
    let labelSets =
      allowsSeveralLabels
      ? try labels.labelSets(of: examples) : RaggedIndices(oneEach: try labels.indices(of: examples))
    self.init(texts: features.encode(examples.lazy.map(\.text)), labelSets: labelSets, weights: weights)
  }

  /// Texts that are already encoded. Traps unless there is one label per text, and one weight if any.
  public init(texts: RaggedIndices, labels: [Int32], weights: [Float]? = nil) {
    self.init(texts: texts, labelSets: RaggedIndices(oneEach: labels), weights: weights)
  }

  /// Texts that are already encoded, with any number of classes each. Traps unless there is a bag of classes per text,
  /// and one weight if any.
  public init(texts: RaggedIndices, labelSets: RaggedIndices, weights: [Float]? = nil) {
    let (textCount, labelCount) = (texts.bagCount, labelSets.bagCount)
    require(textCount == labelCount, "TextDataSet: \(textCount) texts, but \(labelCount) labels")
    if let count = weights?.count {
      require(textCount == count, "TextDataSet: \(textCount) texts, but \(count) weights")
    }
    self.texts = texts
    self.labelSets = labelSets
    self.weights = weights
  }

  /// The number of texts.
  public var count: Int { labelSets.bagCount }

  /// The class of each text. Traps unless each has exactly one.
  ///
  /// - Complexity: O(n).
  public var labels: [Int32] { labelSets.oneEach("TextDataSet") }

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
    TextBatch(
      texts: texts.bags(numbers), labelSets: labelSets.bags(numbers),
      weights: weights.map { weights in numbers.map { weights[$0] } })
  }
}
