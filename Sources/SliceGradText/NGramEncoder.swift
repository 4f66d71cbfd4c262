/// Appends the rows of one text after another to one array.
struct NGramEncoder {
  private(set) var rows: [Int32] = []

  private let vocabulary: WordVocabulary
  private let configuration: NGramConfiguration
  private let keptBuckets: KeptRows?

  init(_ features: NGramFeatures) {
    vocabulary = features.vocabulary
    configuration = features.configuration
    keptBuckets = features.keptBuckets
  }

  /// Appends the rows of the text's words, then of its word n-grams, then of its character n-grams.
  mutating func append(_ tokens: TokenBuffer) {
    appendWords(of: tokens)
    if configuration.wordNGrams > 1 { appendWordNGrams(of: tokens) }
    if let lengths = configuration.characterNGrams {
      for token in 0..<tokens.count {
        appendCharacterNGrams(of: tokens.rangeOfMarkedWord(token), in: tokens.scalars, lengths: lengths)
      }
    }
  }

  private mutating func appendWords(of tokens: TokenBuffer) {
    for token in 0..<tokens.count {
      if let row = vocabulary.row(of: tokens.word(token)) { rows.append(row) }
    }
  }

  private mutating func appendWordNGrams(of tokens: TokenBuffer) {
    var nGrams: [Int32] = []
    forEachWordNGram(of: (0..<tokens.count).map { Self.hash(of: tokens.word($0)) }) { nGrams.append($0) }
    rows += nGrams
  }

  /// The hash of a word, of which the hashes of its n-grams with others are made.
  static func hash(of word: ArraySlice<UInt32>) -> UInt64 {
    var hash = StableHash()
    for scalar in word { hash.combine(UInt64(scalar)) }
    return hash.value
  }

  /// Calls the body with the row of each n-gram of the words with these hashes, if it has one: for each word, the
  /// n-grams of 2 or more words that begin with it. The hash of each continues that of the one before.
  func forEachWordNGram(of wordHashes: [UInt64], _ body: (_ row: Int32) -> Void) {
    for start in wordHashes.indices {
      var hash = StableHash()
      hash.combine(wordHashes[start])
      for word in wordHashes[start...].prefix(configuration.wordNGrams).dropFirst() {
        hash.combine(word)
        if let row = row(of: hash) { body(row) }
      }
    }
  }

  /// Appends the rows of the character n-grams of a word alone.
  mutating func appendCharacterNGrams(of word: ArraySlice<UInt32>) {
    guard let lengths = configuration.characterNGrams else { return }
    let marked = [TokenBuffer.beginning] + word + [TokenBuffer.end]
    appendCharacterNGrams(of: marked.indices, in: marked, lengths: lengths)
  }

  /// For each scalar of a marked word, the n-grams that begin with it. The hash of each continues that of the one
  /// before.
  private mutating func appendCharacterNGrams(
    of markedWord: Range<Int>, in scalars: [UInt32], lengths: ClosedRange<Int>
  ) {
    let limit = configuration.spansWords ? scalars.count : markedWord.upperBound
    for start in markedWord {
      var hash = StableHash()
      for position in start..<start + min(lengths.upperBound, limit - start) {
        hash.combine(UInt64(scalars[position]))
        let length = position - start + 1
        let isMarkAlone = length == 1 && (start == markedWord.lowerBound || start == markedWord.upperBound - 1)
        if length >= lengths.lowerBound && !isMarkAlone, let row = row(of: hash) { rows.append(row) }
      }
    }
  }

  /// The row of an n-gram; nil if its bucket has none. These rows come after those of the words.
  private func row(of hash: StableHash) -> Int32? {
    let bucket = Int32(hash.reduced(below: configuration.buckets))
    guard let keptBuckets else { return Int32(vocabulary.count) + bucket }
    return keptBuckets.position(of: bucket).map { Int32(vocabulary.count) + $0 }
  }
}
