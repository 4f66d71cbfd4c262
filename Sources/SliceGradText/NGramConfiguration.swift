import SliceGrad

/// Which n-grams of a text become features, and into how many rows they are hashed.
///
///     NGramConfiguration(wordNGrams: 2, buckets: 200_000)              // words and pairs of words
///     NGramConfiguration(characterNGrams: 1...4, buckets: 500_000)     // words and their character 1- to 4-grams
public struct NGramConfiguration: Sendable, Hashable, Codable {
  /// The words in the longest word n-gram; 1 for single words only.
  public let wordNGrams: Int
  /// The Unicode scalars in a character n-gram; `nil` for none of them.
  public let characterNGrams: ClosedRange<Int>?
  /// The number of rows that n-grams share.
  public let buckets: Int
  /// Whether capital and small letters are the same. Very short texts are better told apart if they are not.
  public let foldsCase: Bool
  /// Whether there are also character n-grams that run on from a word into the next.
  public let spansWords: Bool

  /// Traps on n-grams of less than one word or character, and on n-grams without buckets.
  public init(
    wordNGrams: Int = 1, characterNGrams: ClosedRange<Int>? = nil, buckets: Int = 0, foldsCase: Bool = true,
    spansWords: Bool = false
  ) {
    self.wordNGrams = wordNGrams
    self.characterNGrams = characterNGrams
    self.buckets = buckets
    self.foldsCase = foldsCase
    self.spansWords = spansWords
    if let problem { trap("NGramConfiguration: \(problem)") }
  }

  /// Throws `DecodingError` for numbers on which the other initializer traps.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    wordNGrams = try container.decode(Int.self, forKey: .wordNGrams)
    characterNGrams = try container.decodeIfPresent(ClosedRange<Int>.self, forKey: .characterNGrams)
    buckets = try container.decode(Int.self, forKey: .buckets)
    foldsCase = try container.decodeIfPresent(Bool.self, forKey: .foldsCase) ?? true
    spansWords = try container.decodeIfPresent(Bool.self, forKey: .spansWords) ?? false
    if let problem { throw decoder.corrupted(problem) }
  }

  private var problem: String? {
    let hasNGrams = wordNGrams > 1 || characterNGrams != nil
    if wordNGrams < 1 { return "wordNGrams is \(wordNGrams), not 1 or more" }
    if let characterNGrams, characterNGrams.lowerBound < 1 {
      return "characterNGrams is \(characterNGrams), not 1 or more"
    }
    if buckets < (hasNGrams ? 1 : 0) || buckets > Int(Int32.max) {
      return "buckets is \(buckets), not \(hasNGrams ? 1 : 0)...\(Int32.max)"
    }
    return nil
  }
}
