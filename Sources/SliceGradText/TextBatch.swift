public import SliceGrad

/// Some texts as bags of table rows, with the class of each.
public struct TextBatch: Sendable, Equatable {
  /// The bags of rows, one per text.
  public let texts: RaggedIndices
  /// The class of each text.
  public let labels: [Int32]

  /// A batch of these texts and their classes.
  public init(texts: RaggedIndices, labels: [Int32]) {
    self.texts = texts
    self.labels = labels
  }

  /// The number of texts.
  public var count: Int { labels.count }
}
