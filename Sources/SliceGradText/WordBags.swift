import SliceGrad

/// Texts as lists of numbers of their words, from which bags of rows are made when a batch needs them.
///
/// A word has the same n-grams of characters wherever it stands, so that their rows are kept once for each different
/// word. A text takes 4 bytes a word: a tenth of its rows and less. Features that span words can't be kept like this.
struct WordBags: Sendable {
  /// The row of each different word; −1 for unknown ones.
  private let wordRows: [Int32]
  /// The rows of the n-grams of characters of all different words, one word after another.
  private let characterRows: [Int32]
  /// Where those of a word begin and end, `[words + 1]`.
  private let characterSplits: [Int]
  /// The hashes of the words, of which n-grams of words are made; none if these are no features.
  private let hashes: [UInt64]
  /// How many n-grams of words each text has that have rows; empty if these are no features.
  private var wordNGramCounts: [Int] = []
  /// The texts as numbers of words.
  private let numbers: [Int32]
  private let splits: [Int]
  private let features: NGramFeatures

  /// Encodes these texts, with features that don't span words.
  ///
  /// - Complexity: O(length of the different words · n-gram lengths + n-grams of words).
  init(_ texts: NumberedWords, features: NGramFeatures) {
    (numbers, splits) = (texts.numbers, texts.splits)
    self.features = features
    let words = texts.words
    wordRows = (0..<words.count).map { features.vocabulary.row(of: words[$0]) ?? -1 }
    var encoder = NGramEncoder(features)
    characterSplits =
      [0]
      + (0..<words.count).map { word in
        encoder.appendCharacterNGrams(of: words[word])
        return encoder.rows.count
      }
    characterRows = encoder.rows.map { $0 }  // As it grew, up to twice its memory was reserved.
    hashes = features.configuration.wordNGrams > 1 ? (0..<words.count).map { words.hash(of: $0) } : []
    guard features.configuration.wordNGrams > 1 else { return }
    wordNGramCounts = (0..<count).map { text in
      var count = 0
      forEachWordNGram(of: numbers[splits[text]..<splits[text + 1]]) { _ in count += 1 }
      return count
    }
  }

  var count: Int { splits.count - 1 }

  /// The bags of some of the texts, by their numbers. Traps if they have more rows than Int32 can count.
  ///
  /// - Complexity: O(rows).
  func bags(_ chosen: ArraySlice<Int>) -> RaggedIndices {
    var rowSplits: [Int32] = [0]
    rowSplits.reserveCapacity(chosen.count + 1)
    for text in chosen {
      guard let end = Int32(exactly: Int(rowSplits.last!) + rowCount(of: text)) else {
        trap("TextDataSet: text \(text + 1) has more rows than Int32 can count, with those before")
      }
      rowSplits.append(end)
    }
    let rowCount = Int(rowSplits.last!)
    let rows = [Int32](unsafeUninitializedCapacity: rowCount) { rows, count in
      Threads.inRanges(of: chosen.count, operations: rowCount / max(chosen.count, 1) + 1) { texts in
        for (text, split) in zip(chosen.dropFirst(texts.lowerBound).prefix(texts.count), rowSplits[texts]) {
          write(text, to: rows.baseAddress! + Int(split))
        }
      }
      count = rowCount
    }
    return RaggedIndices(values: rows, rowSplits: rowSplits)
  }

  private func rowCount(of text: Int) -> Int {
    var count = wordNGramCounts.isEmpty ? 0 : wordNGramCounts[text]
    for number in numbers[splits[text]..<splits[text + 1]] {
      let word = Int(number)
      count += characterSplits[word + 1] - characterSplits[word] + (wordRows[word] < 0 ? 0 : 1)
    }
    return count
  }

  /// Calls the body with the row of each n-gram of the words with these numbers that has one.
  private func forEachWordNGram(of words: ArraySlice<Int32>, _ body: (_ row: Int32) -> Void) {
    NGramEncoder(features).forEachWordNGram(of: words.map { hashes[Int($0)] }, body)
  }

  /// Calls the body with every row that some text has, mostly several times.
  ///
  /// - Complexity: O(length of the different words · n-gram lengths + n-grams of words).
  func forEachRow(_ body: (_ row: Int32) -> Void) {
    for row in wordRows where row >= 0 { body(row) }
    for row in characterRows { body(row) }
    guard features.configuration.wordNGrams > 1 else { return }
    for (start, end) in zip(splits, splits.dropFirst()) { forEachWordNGram(of: numbers[start..<end], body) }
  }

  /// Writes the rows of the text's words, then of its word n-grams, then of its character n-grams.
  private func write(_ text: Int, to start: UnsafeMutablePointer<Int32>) {
    var next = start
    let text = numbers[splits[text]..<splits[text + 1]]
    for number in text where wordRows[Int(number)] >= 0 {
      next.initialize(to: wordRows[Int(number)])
      next += 1
    }
    if features.configuration.wordNGrams > 1 {
      forEachWordNGram(of: text) { row in
        next.initialize(to: row)
        next += 1
      }
    }
    characterRows.withUnsafeBufferPointer { characterRows in
      for number in text {
        let (first, end) = (characterSplits[Int(number)], characterSplits[Int(number) + 1])
        guard first < end else { continue }
        next.initialize(from: characterRows.baseAddress! + first, count: end - first)
        next += end - first
      }
    }
  }
}
