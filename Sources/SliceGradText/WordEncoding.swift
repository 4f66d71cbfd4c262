public import SliceGrad

// Texts as the rows of their words, in the order in which the words stand.
extension WordVocabulary {
  /// The row of all words that aren't in the vocabulary: the one after those of its words. It is learnt only if
  /// some words of the training texts are unknown as well: make the vocabulary with a `minimumCount` of 2 or more.
  public var unknownRow: Int32 { Int32(count) }

  /// The row with which `encode(_:length:foldsCase:)` pads shorter texts: the last one.
  public var paddingRow: Int32 { Int32(count + 1) }

  /// How many rows a table needs: for the words, unknown words and the padding.
  ///
  ///     let vocabulary = WordVocabulary(of: ["to be or not to be"])
  ///     let table = Embedding<Float>(
  ///       rows: vocabulary.rowCount, columns: 8, paddingIndex: vocabulary.paddingRow, using: &generator)
  ///     print(table)  // Embedding(6 × 8)
  public var rowCount: Int { count + 2 }

  /// The rows of the words of each text, in their order; unknown words have the unknown row.
  ///
  ///     let vocabulary = WordVocabulary(of: ["to be or not to be"])
  ///     print(vocabulary.encode(["be not late", ""]).values)  // [1, 3, 4]
  ///
  /// - Parameters:
  ///   - texts: any texts, empty ones too.
  ///   - foldsCase: as when the vocabulary was made.
  /// - Complexity: O(length of the texts).
  public func encode(_ texts: some Sequence<String>, foldsCase: Bool = true) -> RaggedIndices {
    RaggedIndices(rows(of: texts, foldsCase: foldsCase))
  }

  /// The same as a matrix `[texts, length]`: longer texts are cut, shorter ones are padded. An `Embedding` with this
  /// ``paddingRow`` leaves the padding out: `embedding.sequences(padded: lists)`.
  ///
  ///     let vocabulary = WordVocabulary(of: ["to be or not to be"])
  ///     print(vocabulary.encode(["be not late", "or"], length: 2))  // [[1, 3], [2, 5]]
  ///
  /// - Parameters:
  ///   - texts: any texts, empty ones too.
  ///   - length: words of each text; traps if it is negative.
  ///   - foldsCase: as when the vocabulary was made.
  /// - Complexity: O(length of the texts).
  public func encode(_ texts: some Sequence<String>, length: Int, foldsCase: Bool = true) -> [[Int32]] {
    require(length >= 0, "encode: length \(length) is below 0")
    return rows(of: texts, foldsCase: foldsCase).map { rows in
      rows.prefix(length) + Array(repeating: paddingRow, count: max(length - rows.count, 0))
    }
  }

  private func rows(of texts: some Sequence<String>, foldsCase: Bool) -> [[Int32]] {
    var tokens = TokenBuffer(foldsCase: foldsCase)
    return texts.map { text in
      tokens.fill(with: text)
      return (0..<tokens.count).map { row(of: tokens.word($0)) ?? unknownRow }
    }
  }
}
