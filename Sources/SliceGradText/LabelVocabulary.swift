public import SliceGrad
import SliceGradFiles

/// The labels of the training examples in sorted order. The index of a label is its class.
///
///     let labels = LabelVocabulary(of: training)
///     print(labels.labels)  // ["de", "en", "es"]
///     print(labels.index(of: "en")!)  // 1
///     print(labels[1])  // en
///
/// Labels are the same if their Unicode scalars are the same: “é” of one scalar and “é” of two are different labels,
/// although they are equal as Swift's Strings.
public struct LabelVocabulary: Sendable, Hashable {
  /// The labels in the order of their classes.
  public let labels: [String]
  /// They tell vocabularies apart too, since `labels` may be equal where spellings aren't.
  private let indices: [Spelling: Int32]

  /// The different labels of the examples, sorted.
  ///
  /// - Complexity: O(n + l log l) for n examples of l labels.
  public init(of examples: some Sequence<LabeledText>) {
    var labels: Set<Spelling> = []
    for example in examples {
      for label in example.labels { labels.insert(Spelling(label)) }
    }
    self.init(inOrder: labels.sorted().map(\.text))
  }

  /// These labels in this order; `nil` if one is there twice.
  public init?(labels: [String]) {
    guard Set(labels.map { Spelling($0) }).count == labels.count else { return nil }
    self.init(inOrder: labels)
  }

  private init(inOrder labels: [String]) {
    self.labels = labels
    indices = Dictionary(uniqueKeysWithValues: zip(labels.lazy.map { Spelling($0) }, 0...))
  }

  /// The number of labels.
  public var count: Int { labels.count }

  /// The label with this index. Traps if there is none.
  public subscript(index: Int32) -> String { labels[Int(index)] }

  /// The index of this label, or `nil` if it was not among the training examples.
  ///
  /// - Complexity: O(1).
  public func index(of label: String) -> Int32? { indices[Spelling(label)] }

  /// The index of each example's only label, in the order of the examples.
  ///
  /// Throws `DataError` with the place of the first example whose label was not among the training examples, or that
  /// has several labels.
  ///
  /// - Complexity: O(n).
  public func indices(of examples: [LabeledText]) throws(DataError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(examples.count)
    for (position, example) in examples.enumerated() {
      if let second = example.otherLabels.first {
        throw DataError(
          at: example.place(position), found: "a second label \(second.quoted)", expected: "one label a text")
      }
      result.append(try index(of: example.label, at: example.place(position)))
    }
    return result
  }

  /// The indices of each example's labels, one bag an example.
  ///
  /// Throws `DataError` with the place of the first example that has a label that was not among the training examples.
  ///
  /// - Complexity: O(labels of all examples).
  public func labelSets(of examples: [LabeledText]) throws(DataError) -> RaggedIndices {
    var (values, splits): ([Int32], [Int32]) = ([], [0])
    for (position, example) in examples.enumerated() {
      for label in example.labels { values.append(try index(of: label, at: example.place(position))) }
      splits.append(Int32(values.count))
    }
    return RaggedIndices(values: values, rowSplits: splits)
  }

  private func index(of label: String, at location: @autoclosure () -> TextLocation) throws(DataError) -> Int32 {
    guard let known = index(of: label) else {
      throw DataError(
        at: location(), found: "the label \(label.quoted), never seen in training",
        expected: "one of \(count) labels: \(someLabels)")
    }
    return known
  }

  /// The first three labels, for a message.
  private var someLabels: String {
    labels.prefix(3).map(\.quoted).joined(separator: ", ") + (count > 3 ? ", …" : "")
  }
}

extension LabeledText {
  /// Where it comes from: a line of a file, or its number among the examples in memory.
  fileprivate func place(_ position: Int) -> TextLocation {
    location ?? TextLocation(path: "example", line: position + 1)
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
