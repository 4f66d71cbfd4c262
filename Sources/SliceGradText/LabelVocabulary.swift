import SliceGradFiles

/// The labels of the training examples in sorted order. The index of a label is its class.
///
///     let labels = LabelVocabulary(of: training)
///     print(labels.labels)  // ["de", "en", "es"]
///     print(labels.index(of: "en")!)  // 1
///     print(labels[1])  // en
public struct LabelVocabulary: Sendable, Hashable {
  /// The labels in the order of their classes.
  public let labels: [String]
  private let indices: [String: Int32]

  /// The different labels of the examples, sorted.
  ///
  /// - Complexity: O(n + l log l) for n examples of l labels.
  public init(of examples: some Sequence<LabeledText>) {
    self.init(inOrder: Set(examples.lazy.map(\.label)).sorted())
  }

  /// These labels in this order; `nil` if one is there twice.
  public init?(labels: [String]) {
    guard Set(labels).count == labels.count else { return nil }
    self.init(inOrder: labels)
  }

  private init(inOrder labels: [String]) {
    self.labels = labels
    indices = Dictionary(uniqueKeysWithValues: zip(labels, 0...))
  }

  /// The number of labels.
  public var count: Int { labels.count }

  /// The label with this index. Traps if there is none.
  public subscript(index: Int32) -> String { labels[Int(index)] }

  /// The index of this label, or `nil` if it was not among the training examples.
  ///
  /// - Complexity: O(1).
  public func index(of label: String) -> Int32? { indices[label] }

  /// The index of each example's label, in the order of the examples.
  ///
  /// Throws `DataError` with the place of the first example whose label was not among the training examples.
  ///
  /// - Complexity: O(n).
  public func indices(of examples: [LabeledText]) throws(DataError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(examples.count)
    for (position, example) in examples.enumerated() {
      guard let known = index(of: example.label) else {
        throw DataError(
          at: example.location ?? TextLocation(path: "example", line: position + 1),
          found: "the label \(example.label.quoted), never seen in training",
          expected: "one of \(count) labels: \(someLabels)")
      }
      result.append(known)
    }
    return result
  }

  /// The first three labels, for a message.
  private var someLabels: String {
    labels.prefix(3).map(\.quoted).joined(separator: ", ") + (count > 3 ? ", …" : "")
  }
}

extension LabelVocabulary: Codable {
  /// Throws `DecodingError` if a label is there twice.
  public init(from decoder: any Decoder) throws {
    guard let vocabulary = LabelVocabulary(labels: try [String](from: decoder)) else {
      throw decoder.corrupted("a label is there twice")
    }
    self = vocabulary
  }

  public func encode(to encoder: any Encoder) throws { try labels.encode(to: encoder) }
}
