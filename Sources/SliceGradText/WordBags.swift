import SliceGrad

/// Texts as lists of the numbers of their words, from which bags of rows are made when a batch needs them.
///
/// A word has the same n-grams of characters wherever it stands, so that their rows are kept once for each different
/// word, and a text has each of its words once, with a count. It takes 8 bytes for each of them, and 4 bytes for each
/// word in order if n-grams of words are features: a tenth of its rows and less. Features that span words can't be kept
/// like this.
struct WordBags: Sendable {
  private var wordRows: WordRows
  private let texts: CountedWords
  /// The n-grams of words; nil if these are no features.
  private var wordNGrams: WordNGrams?
  /// How many rows each text has, each as often as it is there. Some n-grams of words among them may have none.
  private let rowCounts: [Int]

  /// Encodes these texts, with features that don't span words.
  ///
  /// - Complexity: O(words of the texts + length of the different words · n-gram lengths).
  init(_ texts: NumberedWords, features: NGramFeatures) {
    let (wordRows, counted) = (WordRows(of: texts.words, features: features), CountedWords(of: texts))
    let wordNGrams = features.configuration.wordNGrams > 1 ? WordNGrams(of: texts, features) : nil
    (self.wordRows, self.texts, self.wordNGrams) = (wordRows, counted, wordNGrams)
    rowCounts = (0..<counted.textCount).map { text in
      counted.places(of: text).reduce(wordNGrams?.mostCount(in: text) ?? 0) { count, place in
        count + Int(counted.counts[place]) * wordRows.count(of: Int(counted.words[place]))
      }
    }
  }

  var count: Int { texts.textCount }

  /// The bags of some of the texts, by their numbers: each row once, with its count. Traps if they have more rows than
  /// Int32 can count, with repeats.
  ///
  /// - Complexity: O(rows of the different words and n-grams of words).
  func bags(_ chosen: ArraySlice<Int>) -> RaggedIndices {
    var (rowCount, rowSplits) = (0, [Int32(0)])
    rowSplits.reserveCapacity(chosen.count + 1)
    for text in chosen {
      rowCount += rowCounts[text]
      guard rowCount <= Int32.max else {
        trap("TextDataSet: text \(text + 1) has more rows than Int32 can count, with those before")
      }
      rowSplits.append(rowSplits.last! + Int32(differentCount(of: text)))
    }
    return RaggedIndices(countingLists: rowSplits) { write(chosen[chosen.startIndex + $0], to: $1, $2) }
  }

  /// How many rows `write` writes, or more.
  private func differentCount(of text: Int) -> Int {
    texts.words[texts.places(of: text)].reduce(wordNGrams?.mostCount(in: text) ?? 0) {
      $0 + wordRows.count(of: Int($1))
    }
  }

  /// Calls the body with every row that some text has, perhaps several times.
  ///
  /// - Complexity: O(length of the different words · n-gram lengths + n-grams of words).
  func forEachRow(_ body: (_ row: Int32) -> Void) {
    for row in wordRows.ofWords where row >= 0 { body(row) }
    for row in wordRows.ofCharacters { body(row) }
    for text in 0..<(wordNGrams == nil ? 0 : count) { wordNGrams?.forEachRow(of: text, body) }
  }

  /// The same texts with features that give other numbers to the rows of n-grams.
  func renumbered(for features: NGramFeatures, _ number: (_ row: Int32) -> Int32) -> WordBags {
    var bags = self
    bags.wordRows = wordRows.mappingNGrams(number)
    bags.wordNGrams?.features = features
    return bags
  }

  /// Writes the rows of the text's words, then of its word n-grams, then of its character n-grams, and their counts: of
  /// each different word once. Returns how many they are.
  private func write(_ text: Int, to rows: UnsafeMutablePointer<Int32>, _ counts: UnsafeMutablePointer<Int32>) -> Int {
    var next = 0
    func append(_ row: Int32, _ count: Int32) {
      (rows + next).initialize(to: row)
      (counts + next).initialize(to: count)
      next += 1
    }
    let places = texts.places(of: text)
    for place in places {
      let row = wordRows.ofWords[Int(texts.words[place])]
      if row >= 0 { append(row, texts.counts[place]) }
    }
    wordNGrams?.forEachRow(of: text) { append($0, 1) }
    wordRows.ofCharacters.withUnsafeBufferPointer { characterRows in
      for place in places {
        let word = Int(texts.words[place])
        let (first, length) = (wordRows.splits[word], wordRows.splits[word + 1] - wordRows.splits[word])
        guard length > 0 else { continue }
        (rows + next).initialize(from: characterRows.baseAddress! + first, count: length)
        (counts + next).initialize(repeating: texts.counts[place], count: length)
        next += length
      }
    }
    return next
  }
}

/// The n-grams of words of some texts, of which each has its words in order.
private struct WordNGrams: Sendable {
  var features: NGramFeatures
  /// The hashes of the different words.
  private let hashes: [UInt64]
  /// The texts as numbers of words.
  private let numbers: [Int32]
  private let splits: [Int]

  init(of texts: NumberedWords, _ features: NGramFeatures) {
    (self.features, numbers, splits) = (features, texts.numbers, texts.splits)
    hashes = (0..<texts.words.count).map { texts.words.hash(of: $0) }
  }

  /// How many n-grams a text has. Some of them may have no row.
  func mostCount(in text: Int) -> Int {
    // Of n words, n + 1 − k n-grams are k words long, for k = 2, 3, … up to the longest.
    let count = splits[text + 1] - splits[text]
    let longest = min(features.configuration.wordNGrams, count)
    return longest < 2 ? 0 : (longest - 1) * (2 * count - longest) / 2
  }

  /// Calls the body with the row of each n-gram of a text that has one.
  func forEachRow(of text: Int, _ body: (_ row: Int32) -> Void) {
    let words = numbers[splits[text]..<splits[text + 1]]
    NGramEncoder(features).forEachWordNGram(of: words.map { hashes[Int($0)] }, body)
  }
}
