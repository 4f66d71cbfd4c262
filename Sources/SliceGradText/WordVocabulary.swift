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

  /// The words by their Unicode scalars. Their numbers are the rows.
  private let table: WordTable

  /// A vocabulary of the words of a table, in the order of their numbers.
  init(_ table: WordTable) {
    words = (0..<table.count).map { String(scalars: table[$0]) }
    self.table = table
  }

  /// The words that occur `minimumCount` times or more. Of two equally frequent words, the one seen first comes first.
  ///
  /// - Complexity: O(length of the texts + w log w) for w words.
  public init(of texts: some Sequence<String>, minimumCount: Int = 1, foldsCase: Bool = true) {
    self.init(of: NumberedWords(of: Array(texts), foldsCase: foldsCase), minimumCount: minimumCount)
  }

  /// The same for texts whose words are numbered already.
  ///
  /// - Complexity: O(n + w log w) for n words, w different ones.
  public init(of texts: NumberedWords, minimumCount: Int = 1) {
    var occurrences = Array(repeating: 0, count: texts.words.count)
    for number in texts.numbers { occurrences[Int(number)] += 1 }
    let kept = occurrences.indices.filter { occurrences[$0] >= minimumCount }
    let sorted = kept.sorted { occurrences[$0] > occurrences[$1] }  // a stable order
    var table = WordTable()
    for number in sorted { _ = table.number(of: texts.words[number]) }
    self.init(table)
  }

  /// These words, in the order of their rows; `nil` if one is there twice.
  ///
  /// - Complexity: O(length of the words).
  public init?(words: [String]) {
    var table = WordTable()
    for word in words { _ = table.number(of: word.unicodeScalars.map(\.value)[...]) }
    guard table.count == words.count else { return nil }
    self.init(table)
  }

  /// The number of words.
  public var count: Int { words.count }

  /// The row of a word as the tokenizer gives it, or `nil` if it is unknown.
  ///
  /// - Complexity: O(length of the word).
  public func row(of word: String) -> Int32? { row(of: word.unicodeScalars.map(\.value)[...]) }

  /// The row of the word with these Unicode scalars, or `nil` if it is unknown.
  func row(of scalars: ArraySlice<UInt32>) -> Int32? { table.known(scalars) }

  // Not of `words`: “é” of one scalar and “é” of two are equal there.
  public static func == (left: WordVocabulary, right: WordVocabulary) -> Bool { left.table == right.table }
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
