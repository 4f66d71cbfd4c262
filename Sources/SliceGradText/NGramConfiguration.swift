import SliceGrad

/// Which n-grams of a text become features, and into how many rows they are hashed.
///
///     let wordPairs = NGramConfiguration(wordNGrams: 2, buckets: 1000)
///     print(NGramFeatures(of: ["to be or"], wordPairs).rows(of: "to be or").count)  // 5
///
/// These are 3 words and 2 pairs of words. With `characterNGrams: 1...4` instead, they would be the words and their 1
/// to 4 consecutive characters.
public struct NGramConfiguration: Sendable, Hashable, Codable {
  /// The number of words in the longest word n-gram; 1 for single words only.
  public let wordNGrams: Int
  /// The numbers of Unicode scalars in a character n-gram; `nil` for no character n-grams.
  public let characterNGrams: ClosedRange<Int>?
  /// The number of buckets into which n-grams are hashed. N-grams of one bucket share a row.
  public let buckets: Int
  /// Whether upper-case and lower-case letters are the same. Very short texts are told apart better if they are not.
  public let foldsCase: Bool
  /// Whether there are also character n-grams that run on from one word into the next.
  public let spansWords: Bool

  /// A configuration. Traps on n-grams of fewer than one word or character, and on n-grams without buckets.
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
