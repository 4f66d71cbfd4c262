import SliceGrad

/// The rows of the different words of some texts: that of the word itself, and those of its n-grams of characters.
struct WordRows: Sendable {
  /// The row of each word, −1 for unknown ones.
  let ofWords: [Int32]
  /// The rows of the n-grams of characters of all words, one word after another.
  let ofCharacters: [Int32]
  /// Where those of a word begin and end, `[words + 1]`.
  let splits: [Int]

  /// The rows that the features give to these words.
  ///
  /// - Parameter partCount: in how many parts threads share the words, if it matters.
  /// - Complexity: O(length of the words · n-gram lengths).
  init(of words: WordTable, features: NGramFeatures, partCount: Int? = nil) {
    let parts = Threads.inParts(of: words.count, count: partCount) { WordRows(of: words, part: $0, features) }
    ofWords = Array(joining: parts.map(\.ofWords))
    ofCharacters = Array(joining: parts.map(\.ofCharacters))
    splits = Array(joiningSplits: parts.map(\.splits))
  }

  private init(of words: WordTable, part: Range<Int>, _ features: NGramFeatures) {
    ofWords = part.map { features.vocabulary.row(of: words[$0]) ?? -1 }
    var encoder = NGramEncoder(features)
    splits =
      [0]
      + part.map { word in
        encoder.appendCharacterNGrams(of: words[word])
        return encoder.rows.count
      }
    ofCharacters = encoder.rows
  }

  private init(ofWords: [Int32], ofCharacters: [Int32], splits: [Int]) {
    (self.ofWords, self.ofCharacters, self.splits) = (ofWords, ofCharacters, splits)
  }

  /// The same with other rows for the n-grams, one for each.
  func mappingNGrams(_ row: (Int32) -> Int32) -> WordRows {
    WordRows(ofWords: ofWords, ofCharacters: ofCharacters.map(row), splits: splits)
  }

  /// How many rows a word has.
  func count(of word: Int) -> Int { (ofWords[word] < 0 ? 0 : 1) + splits[word + 1] - splits[word] }
}
