public import SliceGrad

/// Turns texts into bags of table rows: one row for each known word, and hashed rows for n-grams.
///
///     let features = NGramFeatures(of: ["to be or not to be"], .init(characterNGrams: 3...4, buckets: 1000))
///     print(features.rowCount)  // 1004
///     print(features.rows(of: "be").count)  // 4
///     print(features.rows(of: "bee").count)  // 5
///
/// The first rows are those of the words of the vocabulary, here 4. N-grams share the rows after them, here 1000. The
/// character n-grams of a word include marks for its beginning and its end; a mark alone is no n-gram. So “be” has the
/// row of the word and those of “<be”, “be>” and “<be>”; “bee”, which is no known word, has n-grams only. All this is
/// as in fastText, except that fastText hashes with FNV-1a.
///
/// If only some buckets have rows, n-grams of the others don't count: ``keepingBuckets(of:words:)``.
///
/// Source: Bojanowski, Grave, Joulin and Mikolov, “Enriching Word Vectors with Subword Information” (2017).
public struct NGramFeatures: Sendable, Equatable, Codable {
  /// Which n-grams are features.
  public let configuration: NGramConfiguration
  /// The words that have rows of their own.
  public let vocabulary: WordVocabulary
  /// The buckets that have rows, if not all have. The first of them has the row after those of the words, and so on.
  public let keptBuckets: KeptRows?

  /// The features of these training texts, with the words that occur `minimumCount` times or more.
  ///
  /// Traps if there are more rows than Int32 can count.
  ///
  /// - Complexity: O(length of the texts).
  public init(of texts: some Sequence<String>, _ configuration: NGramConfiguration, minimumCount: Int = 1) {
    self.init(
      configuration,
      vocabulary: WordVocabulary(of: texts, minimumCount: minimumCount, foldsCase: configuration.foldsCase))
  }

  /// The features with this vocabulary, and with rows for these buckets, if not for all.
  ///
  /// Traps if there are more rows than Int32 can count, and if a bucket isn't one of the configuration's.
  public init(_ configuration: NGramConfiguration, vocabulary: WordVocabulary, keptBuckets: KeptRows? = nil) {
    self.configuration = configuration
    self.vocabulary = vocabulary
    self.keptBuckets = keptBuckets
    if let problem { trap("NGramFeatures: \(problem)") }
  }

  /// Throws `DecodingError` if there are more rows than Int32 can count, and if a bucket isn't one of the
  /// configuration's.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configuration = try container.decode(NGramConfiguration.self, forKey: .configuration)
    vocabulary = try container.decode(WordVocabulary.self, forKey: .vocabulary)
    keptBuckets = try container.decodeIfPresent(KeptRows.self, forKey: .keptBuckets)
    if let problem { throw decoder.corrupted(problem) }
  }

  private var problem: String? {
    if let last = keptBuckets?.rows.last, last >= configuration.buckets {
      return "bucket \(last) is kept, but there are \(configuration.buckets)"
    }
    guard rowCount > Int(Int32.max) else { return nil }
    return "\(vocabulary.count) words and \(bucketCount) buckets are too many for Int32"
  }

  /// The number of buckets that have rows.
  private var bucketCount: Int { keptBuckets?.rows.count ?? configuration.buckets }

  /// The number of rows that a table for these features needs: words + buckets that have rows.
  public var rowCount: Int { vocabulary.count + bucketCount }

  /// The rows of one text, repeats included; none for a text without words.
  ///
  /// - Complexity: O(length of the text · n-gram lengths).
  public func rows(of text: String) -> [Int32] {
    encode(CollectionOfOne(text)).values
  }

  /// The rows of all texts, as one batch of bags. Traps if they are more than Int32 can count.
  ///
  /// - Complexity: O(length of the texts · n-gram lengths).
  public func encode(_ texts: some Sequence<String>) -> RaggedIndices {
    var tokens = TokenBuffer(foldsCase: configuration.foldsCase)
    var encoder = NGramEncoder(self)
    var rowSplits: [Int32] = [0]
    rowSplits.reserveCapacity(texts.underestimatedCount + 1)
    for text in texts {
      tokens.fill(with: text)
      encoder.append(tokens)
      guard let end = Int32(exactly: encoder.rows.count) else {
        trap("NGramFeatures: text \(rowSplits.count) has more rows than Int32 can count, with those before")
      }
      rowSplits.append(end)
    }
    return RaggedIndices(values: encoder.rows, rowSplits: rowSplits)
  }
}

extension NGramFeatures {
  /// The same features, of which only those buckets have rows that n-grams of these texts fall into.
  ///
  ///     let features = NGramFeatures(of: ["to be"], NGramConfiguration(characterNGrams: 2...2, buckets: 1000))
  ///     let kept = features.keepingBuckets(of: ["to be"])
  ///     print(features.rowCount, kept.rowCount)  // 1002 8
  ///     print(kept.rows(of: "so").count)  // 1
  ///
  /// The rows are those of 2 words and of “<t”, “to”, “o>”, “<b”, “be” and “e>”; “so” has “o>” in common with them. The
  /// other rows would keep the random numbers that they begin with, which only disturb the mean of a new text's rows.
  ///
  /// Where the texts are encoded too, ``TextDataSet/keepingBuckets(of:)`` does both at once.
  ///
  /// - Parameters:
  ///   - texts: the training texts.
  ///   - words: their words, if these are numbered already, so that the texts aren't read again. Traps unless they are
  ///     those of as many texts, and folded as the configuration says.
  /// - Complexity: As for a ``TextDataSet`` of the texts, and O(buckets).
  public func keepingBuckets(of texts: [String], words: NumberedWords? = nil) -> NGramFeatures {
    let all = NGramFeatures(configuration, vocabulary: vocabulary)
    return TextBags(texts, words: words, features: all).keepingBuckets(of: all).features
  }
}
