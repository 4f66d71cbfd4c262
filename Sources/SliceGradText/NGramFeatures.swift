public import SliceGrad

/// Turns texts into bags of table rows: one row for each known word, and hashed rows for n-grams.
///
///     let features = NGramFeatures(of: ["to be or not to be"], .init(characterNGrams: 3...4, buckets: 1000))
///     features.rowCount                  // 1004: 4 words and 1000 buckets
///     features.rows(of: "be").count      // 4: the word, and “<be”, “be>” and “<be>”
///     features.rows(of: "bee").count     // 5: the n-grams of an unknown word alone
///
/// Rows 0..<words are those of the vocabulary; n-grams share the rows behind them, as in fastText (Bojanowski et al.,
/// *Enriching Word Vectors with Subword Information*, 2017), which hashes with FNV-1a instead. Like there, the character
/// n-grams of a word are taken with marks for its beginning and its end, but the marks alone are none.
public struct NGramFeatures: Sendable, Equatable, Codable {
  public let configuration: NGramConfiguration
  public let vocabulary: WordVocabulary

  /// The features of these training texts, with words that occur `minimumCount` times or more.
  ///
  /// Traps when the rows are too many for Int32. O(length of the texts).
  public init(of texts: some Sequence<String>, _ configuration: NGramConfiguration, minimumCount: Int = 1) {
    self.init(
      configuration,
      vocabulary: WordVocabulary(of: texts, minimumCount: minimumCount, foldsCase: configuration.foldsCase))
  }

  /// The features with this vocabulary. Traps when the rows are too many for Int32.
  public init(_ configuration: NGramConfiguration, vocabulary: WordVocabulary) {
    self.configuration = configuration
    self.vocabulary = vocabulary
    if let problem { fatalError("NGramFeatures: \(problem)") }
  }

  /// Throws `DecodingError` when the rows are too many for Int32.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try container.decode(NGramConfiguration.self, forKey: .configuration)
    vocabulary = try container.decode(WordVocabulary.self, forKey: .vocabulary)
    if let problem {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  private var problem: String? {
    guard rowCount > Int(Int32.max) else { return nil }
    return "\(vocabulary.count) words and \(configuration.buckets) buckets are too many for Int32"
  }

  /// The number of rows a table for these features needs: words + buckets.
  public var rowCount: Int { vocabulary.count + configuration.buckets }

  /// The rows of one text, repeats included; none for a text without words. O(length of the text · n-gram lengths).
  public func rows(of text: String) -> [Int32] {
    encode(CollectionOfOne(text)).values
  }

  /// The rows of each text as one batch of bags. O(length of the texts · n-gram lengths).
  ///
  /// Traps when they are more than Int32 can count.
  public func encode(_ texts: some Sequence<String>) -> RaggedIndices {
    var tokens = TokenBuffer(foldsCase: configuration.foldsCase)
    var encoder = NGramEncoder(self)
    var rowSplits: [Int32] = [0]
    rowSplits.reserveCapacity(texts.underestimatedCount + 1)
    for text in texts {
      tokens.fill(with: text)
      encoder.append(tokens)
      guard let end = Int32(exactly: encoder.rows.count) else {
        fatalError("NGramFeatures: text \(rowSplits.count) has more rows than Int32 can count, with those before")
      }
      rowSplits.append(end)
    }
    return RaggedIndices(values: encoder.rows, rowSplits: rowSplits)
  }
}
