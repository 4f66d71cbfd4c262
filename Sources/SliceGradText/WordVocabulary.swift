/// The words of the training texts, numbered by how often they occur: the most frequent word is row 0.
///
///     let vocabulary = WordVocabulary(of: ["to be or not to be", "to go"])
///     vocabulary.words              // ["to", "be", "or", "not", "go"]
///     vocabulary.row(of: "not")     // 3
///     vocabulary.row(of: "maybe")   // nil
///
/// It is encoded as the list of its words. Words are the same when their Unicode scalars are the same: “é” of one
/// scalar and “é” of two are different words, though Swift's Strings are equal.
public struct WordVocabulary: Sendable, Equatable {
  let table: WordTable

  /// The words in the order of the table.
  init(table: WordTable) { self.table = table }

  /// The words that occur `minimumCount` times or more. Of two that are equally frequent, the one that was seen first
  /// comes first.
  ///
  /// - Complexity: O(length of the texts + w log w) for w words
  public init(of texts: some Sequence<String>, minimumCount: Int = 1, foldsCase: Bool = true) {
    var seen = WordTable()
    var occurrences: [Int] = []
    var tokens = TokenBuffer(foldsCase: foldsCase)
    for text in texts {
      tokens.fill(with: text)
      for token in 0..<tokens.count {
        let word = tokens.word(token)
        let number = Int(seen.insert(word, hash: WordTable.hash(word)))
        if number == occurrences.count { occurrences.append(0) }
        occurrences[number] += 1
      }
    }

    var table = WordTable()
    let kept = occurrences.indices.filter { occurrences[$0] >= minimumCount }
    for number in kept.sorted(by: { (occurrences[$1], $0) < (occurrences[$0], $1) }) {
      _ = table.insert(seen[number], hash: WordTable.hash(seen[number]))
    }
    self.table = table
  }

  /// The words in the order of their rows; `nil` when one is there twice.
  ///
  /// - Complexity: O(length of the words)
  public init?(words: [String]) {
    var table = WordTable()
    for word in words {
      let scalars = word.unicodeScalars.map(\.value)[...]
      _ = table.insert(scalars, hash: WordTable.hash(scalars))
    }
    guard table.count == words.count else { return nil }
    self.table = table
  }

  /// The number of words.
  public var count: Int { table.count }

  /// The words in the order of their rows.
  ///
  /// - Complexity: O(length of the words)
  public var words: [String] {
    (0..<count).map { String(scalars: table[$0]) }
  }

  /// The row of a word as the tokenizer gives it, or `nil` when it is unknown.
  ///
  /// - Complexity: O(length of the word)
  public func row(of word: String) -> Int32? {
    let scalars = word.unicodeScalars.map(\.value)[...]
    return table.number(of: scalars, hash: WordTable.hash(scalars))
  }
}

extension WordVocabulary: Codable {
  /// Throws `DecodingError` when a word is there twice.
  public init(from decoder: any Decoder) throws {
    guard let vocabulary = WordVocabulary(words: try [String](from: decoder)) else {
      throw decoder.corrupted("a word of the vocabulary is there twice")
    }
    self = vocabulary
  }

  public func encode(to encoder: any Encoder) throws { try words.encode(to: encoder) }
}
