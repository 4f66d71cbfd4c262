public import SliceGrad

/// Some texts as bags of table rows, with the class or classes of each.
public struct TextBatch: Sendable, Equatable {
  /// The bags of rows, one per text. A row that a text has several times may be there once, with a count: for
  /// sequences, make the data set of texts that are encoded in order.
  public let texts: RaggedIndices
  /// The classes of each text, one bag per text.
  public let labelSets: RaggedIndices
  /// The factor of each text's loss; `nil` if all count the same.
  public let weights: [Float]?

  /// A batch of these texts with one class each.
  public init(texts: RaggedIndices, labels: [Int32], weights: [Float]? = nil) {
    self.init(texts: texts, labelSets: RaggedIndices(oneEach: labels), weights: weights)
  }

  /// A batch of these texts with any number of classes each.
  public init(texts: RaggedIndices, labelSets: RaggedIndices, weights: [Float]? = nil) {
    self.texts = texts
    self.labelSets = labelSets
    self.weights = weights
  }

  /// The number of texts.
  public var count: Int { labelSets.bagCount }

  /// The class of each text. Traps unless each has exactly one.
  ///
  /// - Complexity: O(texts).
  public var labels: [Int32] { labelSets.oneEach("TextBatch") }

  /// The batch in parts of nearly equal numbers of texts, which may be empty. Traps unless `count` is a power of 2.
  ///
  ///     let batch = TextBatch(texts: RaggedIndices([[7], [4], [1, 2]]), labels: [0, 1, 0])
  ///     print(batch.shards(2).parts[1].texts.values)  // [4, 1, 2]
  ///
  /// - Complexity: O(texts + nnz).
  public func shards(_ count: Int) -> Shards<TextBatch> {
    Shards(copying: count, of: self.count) { part($0) }
  }

  /// Some texts of the batch.
  package func part(_ range: Range<Int>) -> TextBatch {
    if range == 0..<count { return self }
    return TextBatch(
      texts: texts.bags(range), labelSets: labelSets.bags(range), weights: weights.map { Array($0[range]) })
  }

  /// The targets of `sigmoidCrossEntropy`, `[texts, classes]`: 1 where the text is of the class, and 0 elsewhere. Traps
  /// on a class that is not in `0..<classes`.
  ///
  ///     let batch = TextBatch(texts: RaggedIndices([[7], [4]]), labelSets: RaggedIndices([[0, 2], []]))
  ///     print(batch.targets(classes: 3))  // [[1, 0, 1],
  ///                                       //  [0, 0, 0]]
  public func targets(classes: Int) -> Tensor<Float> {
    var targets = [Float](repeating: 0, count: count * classes)
    for text in 0..<count {
      for label in labelSets.values[Int(labelSets.rowSplits[text])..<Int(labelSets.rowSplits[text + 1])] {
        require((0..<classes).contains(Int(label)), "TextBatch.targets: class \(label) is not in 0..<\(classes)")
        targets[text * classes + Int(label)] = 1
      }
    }
    return Tensor(shape: [count, classes], elements: targets)
  }
}

extension RaggedIndices {
  /// Bags of one number each.
  init(oneEach numbers: [Int32]) { self.init(values: numbers, rowSplits: Array(0...Int32(numbers.count))) }

  /// The number in each bag. Traps unless there is exactly one.
  func oneEach(_ owner: String) -> [Int32] {
    for bag in 0..<bagCount where rowSplits[bag + 1] != bag + 1 {
      trap("\(owner).labels: text \(bag) has \(rowSplits[bag + 1] - rowSplits[bag]) labels, expected 1; see labelSets")
    }
    return values
  }
}
