/// The labels of the training examples in sorted order, each one's place being its class.
///
///     let labels = LabelVocabulary(of: training)
///     labels.labels                  // ["de", "en", "es"]
///     labels.class(of: "en")         // 1
///     labels[1]                      // "en"
public struct LabelVocabulary: Sendable, Hashable {
  /// The labels in the order of their classes.
  public let labels: [String]
  private let classes: [String: Int32]

  /// The distinct labels of the examples, sorted. O(n + l log l) for n examples of l labels.
  public init(of examples: some Sequence<LabeledText>) {
    self.init(inOrder: Set(examples.lazy.map(\.label)).sorted())
  }

  /// These labels in this order; `nil` when one is there twice.
  public init?(labels: [String]) {
    guard Set(labels).count == labels.count else { return nil }
    self.init(inOrder: labels)
  }

  private init(inOrder labels: [String]) {
    self.labels = labels
    classes = Dictionary(uniqueKeysWithValues: zip(labels, 0...))
  }

  public var count: Int { labels.count }

  /// The label of this class. Traps when there is none.
  public subscript(class: Int32) -> String { labels[Int(`class`)] }

  /// The class of this label, or `nil` when it was not among the training examples. O(1).
  public func `class`(of label: String) -> Int32? { classes[label] }

  /// The class of each example in order. O(n).
  ///
  /// Throws `DataError` with the place of the first example whose label was not among the training examples.
  public func classes(of examples: [LabeledText]) throws(DataError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(examples.count)
    for (position, example) in examples.enumerated() {
      guard let known = `class`(of: example.label) else {
        throw DataError(
          at: example.location ?? TextLocation(path: "example", line: position + 1),
          found: "the label \(DataError.quoted(example.label)), never seen in training",
          expected: "one of \(count) labels: \(someLabels)")
      }
      result.append(known)
    }
    return result
  }

  /// The first three labels, for a message.
  private var someLabels: String {
    labels.prefix(3).map(DataError.quoted).joined(separator: ", ") + (count > 3 ? ", …" : "")
  }
}

extension LabelVocabulary: Codable {
  /// Throws `DecodingError` when a label is there twice.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let vocabulary = LabelVocabulary(labels: try container.decode([String].self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a label is there twice")
    }
    self = vocabulary
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(labels)
  }
}
