public import SliceGrad

/// Labelled texts, encoded for training: a bag of rows and one class per text, or several.
///
///     let features = NGramFeatures(of: training.map(\.text), NGramConfiguration())
///     let data = try TextDataSet(training, features: features, labels: LabelVocabulary(of: training))
///     for batch in data.batches(ofSize: 2) { print(batch.texts.bagCount, batch.labels) }
///     // 2 [0, 1]
///     // 1 [2]
///
/// Texts with several labels have targets for `sigmoidCrossEntropy` instead:
///
///     let (features, labels) = (NGramFeatures(of: training.map(\.text), .init()), LabelVocabulary(of: training))
///     let data = try TextDataSet(training, features: features, labels: labels, allowsSeveralLabels: true)
///     print(data.batches(ofSize: 2)[0].targets(classes: labels.count).shape)  // [2, 3]
///
/// Texts are kept as lists of their words, and the rows of each different word once. The bags of a batch are put
/// together when it is asked for: all rows at once would take some ten times the memory. There they have each row once,
/// with a count, as long texts have most of their n-grams several times. Only where n-grams span words are the rows
/// themselves kept, with repeats.
public struct TextDataSet: Sendable {
  private let bags: TextBags
  /// The classes of each text, one bag per text.
  public let labelSets: RaggedIndices
  /// The factor of each text's loss; `nil` if all count the same.
  public let weights: [Float]?

  /// The bags of rows, one per text, as in batches. Traps if there are more rows than Int32 can count, with repeats.
  ///
  /// - Complexity: O(rows), unless the rows were given.
  public var texts: RaggedIndices { bags.all }

  /// Encodes the examples. Traps unless there is one weight per example, if any.
  ///
  /// The words of the texts may be given if they are numbered already, so that the texts aren't read again. Traps if
  /// they are those of another number of texts, or lower-cased where the features aren't, or the other way round.
  ///
  /// Throws `DataError` with the place of the first example whose label is unknown, or that has several labels unless
  /// these are allowed.
  ///
  /// - Complexity: O(length of the texts + length of the different words · n-gram lengths + n-grams of words); where
  ///   n-grams span words, O(length of the texts · n-gram lengths).
  public init(
    _ examples: [LabeledText], words: NumberedWords? = nil, features: NGramFeatures, labels: LabelVocabulary,
    allowsSeveralLabels: Bool = false, weights: [Float]? = nil
  ) throws(DataError) {
    let labelSets =
      allowsSeveralLabels
      ? try labels.labelSets(of: examples) : RaggedIndices(oneEach: try labels.indices(of: examples))
    self.init(TextBags(examples.map(\.text), words: words, features: features), labelSets, weights)
  }

  /// Encodes texts of these classes. Traps unless there is one class per text.
  ///
  /// - Complexity: As for examples.
  public init(_ texts: [String], features: NGramFeatures, labels: [Int32]) {
    self.init(texts, features: features, labelSets: RaggedIndices(oneEach: labels))
  }

  /// Encodes texts with any number of classes each. Traps unless there is a bag of classes per text.
  ///
  /// - Complexity: As for examples.
  public init(_ texts: [String], features: NGramFeatures, labelSets: RaggedIndices) {
    self.init(TextBags(texts, features: features), labelSets, nil)
  }

  /// Texts that are already encoded. Traps unless there is one label per text, and one weight if any.
  public init(texts: RaggedIndices, labels: [Int32], weights: [Float]? = nil) {
    self.init(texts: texts, labelSets: RaggedIndices(oneEach: labels), weights: weights)
  }

  /// Texts that are already encoded, with any number of classes each. Traps unless there is a bag of classes per text,
  /// and one weight if any.
  public init(texts: RaggedIndices, labelSets: RaggedIndices, weights: [Float]? = nil) {
    self.init(.rows(texts), labelSets, weights)
  }

  private init(_ bags: TextBags, _ labelSets: RaggedIndices, _ weights: [Float]?) {
    let (textCount, labelCount) = (bags.count, labelSets.bagCount)
    require(textCount == labelCount, "TextDataSet: \(textCount) texts, but \(labelCount) labels")
    if let count = weights?.count {
      require(textCount == count, "TextDataSet: \(textCount) texts, but \(count) weights")
    }
    (self.bags, self.labelSets, self.weights) = (bags, labelSets, weights)
  }

  /// The same texts with other factors of their losses; `nil` if all count the same. Traps unless there is one weight
  /// per text, if any.
  public func weighted(by weights: [Float]?) -> TextDataSet { TextDataSet(bags, labelSets, weights) }

  /// The features with rows for those buckets alone that n-grams of these texts fall into, and the texts with these
  /// rows: as ``NGramFeatures/keepingBuckets(of:words:)`` and a data set of its features, but texts are encoded once.
  ///
  ///     let configuration = NGramConfiguration(characterNGrams: 3...4, buckets: 1000)
  ///     let features = NGramFeatures(of: training.map(\.text), configuration)
  ///     let all = try TextDataSet(training, features: features, labels: LabelVocabulary(of: training))
  ///     let (kept, data) = all.keepingBuckets(of: features)
  ///     print(kept.rowCount < features.rowCount, data.count == all.count)  // true true
  ///
  /// - Parameter features: those with which the texts were encoded. Traps if only some of their buckets have rows, and
  ///   on a row that they don't have.
  /// - Complexity: O(length of the different words · n-gram lengths + n-grams of words + buckets); where n-grams span
  ///   words, O(rows + buckets).
  public func keepingBuckets(of features: NGramFeatures) -> (features: NGramFeatures, texts: TextDataSet) {
    require(features.keptBuckets == nil, "TextDataSet.keepingBuckets: features that keep only some buckets already")
    let (features, bags) = bags.keepingBuckets(of: features)
    return (features, TextDataSet(bags, labelSets, weights))
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
      texts: bags.chosen(numbers), labelSets: labelSets.bags(numbers),
      weights: weights.map { weights in numbers.map { weights[$0] } })
  }
}

extension TextDataSet: Equatable {
  /// Whether both have the same rows, labels and weights. Traps as `texts` does.
  public static func == (left: TextDataSet, right: TextDataSet) -> Bool {
    left.labelSets == right.labelSets && left.weights == right.weights && left.texts.counted == right.texts.counted
  }
}
