/// The words of the training texts, numbered by how often they occur: the most frequent word is row 0.
///
///     let vocabulary = WordVocabulary(of: ["to be or not to be", "to go"])
///     print(vocabulary.words)  // ["to", "be", "or", "not", "go"]
///     print(vocabulary.row(of: "not")!)  // 3
///     print(vocabulary.row(of: "maybe") == nil)  // true
///
/// It is encoded as the list of its words. Words are the same if their Unicode scalars are the same: “é” of one scalar
/// and “é” of two are different words, although they are equal as Swift's Strings.
public struct WordVocabulary: Sendable, Equatable {
  /// The words in the order of their rows.
  public let words: [String]

  /// The row of each word, which is given by its Unicode scalars.
  private let rows: [Word: Int32]

  /// A vocabulary of different words, in the order of their rows.
  init(distinct words: [Word]) {
    self.words = words.map { String(scalars: $0.scalars) }
    rows = Dictionary(uniqueKeysWithValues: zip(words, 0...))
  }

  /// The words that occur `minimumCount` times or more. Of two equally frequent words, the one seen first comes first.
  ///
  /// - Complexity: O(length of the texts + w log w) for w words.
  public init(of texts: some Sequence<String>, minimumCount: Int = 1, foldsCase: Bool = true) {
    let numbered = NumberedWords(of: Array(texts), foldsCase: foldsCase)
    var occurrences = Array(repeating: 0, count: numbered.words.count)
    for number in numbered.numbers { occurrences[Int(number)] += 1 }
    let kept = occurrences.indices.filter { occurrences[$0] >= minimumCount }
    let sorted = kept.sorted { occurrences[$0] > occurrences[$1] }  // a stable order
    self.init(distinct: sorted.map { numbered.words[$0] })
  }

  /// These words, in the order of their rows; `nil` if one is there twice.
  ///
  /// - Complexity: O(length of the words).
  public init?(words: [String]) {
    let words = words.map { Word(scalars: $0.unicodeScalars.map(\.value)[...]) }
    guard Set(words).count == words.count else { return nil }
    self.init(distinct: words)
  }

  /// The number of words.
  public var count: Int { words.count }

  /// The row of a word as the tokenizer gives it, or `nil` if it is unknown.
  ///
  /// - Complexity: O(length of the word).
  public func row(of word: String) -> Int32? { row(of: word.unicodeScalars.map(\.value)[...]) }

  /// The row of the word with these Unicode scalars, or `nil` if it is unknown.
  func row(of scalars: ArraySlice<UInt32>) -> Int32? { rows[Word(scalars: scalars)] }
}

/// A word as its Unicode scalars.
struct Word: Hashable, Sendable {
  let scalars: ArraySlice<UInt32>

  /// Hashes all bytes at once, because the look-up of each word of a text has to be fast.
  func hash(into hasher: inout Hasher) { scalars.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension WordVocabulary: Codable {
  /// Throws `DecodingError` if a word is there twice.
  public init(from decoder: any Decoder) throws {
    guard let vocabulary = WordVocabulary(words: try [String](from: decoder)) else {
      throw decoder.corrupted("a word of the vocabulary is there twice")
    }
    self = vocabulary
  }

  public func encode(to encoder: any Encoder) throws { try words.encode(to: encoder) }
}
