import SliceGrad

/// Texts as lists of numbers of their words, from which bags of rows are made when a batch needs them.
///
/// A word has the same n-grams of characters wherever it stands, so that their rows are kept once for each different
/// word. A text takes 4 bytes a word: a tenth of its rows and less. Features that span words can't be kept like this.
struct WordBags: Sendable {
  private let words: [EncodedWord]
  /// The rows of the n-grams of characters of all different words, one word after another.
  private let characterRows: [Int32]
  /// The texts as numbers of words.
  private let numbers: [Int32]
  private let splits: [Int]
  private let features: NGramFeatures

  /// What is known of a word wherever it stands.
  private struct EncodedWord {
    /// The row of the word itself; −1 if it is unknown.
    let row: Int32
    /// Where its n-grams of characters begin in `characterRows`, and how many they are.
    let first: Int
    let count: Int
    /// The hash that n-grams of words are made of.
    let hash: UInt64
  }

  /// Encodes these texts, with features that don't span words.
  ///
  /// - Complexity: O(length of the texts + length of the different words · n-gram lengths).
  init(_ texts: [String], features: NGramFeatures) {
    let numbered = NumberedWords(of: texts, foldsCase: features.configuration.foldsCase)
    (numbers, splits) = (numbered.numbers, numbered.splits)
    self.features = features
    var encoder = NGramEncoder(features)
    words = numbered.words.map { word in
      let first = encoder.rows.count
      encoder.appendCharacterNGrams(of: word)
      return EncodedWord(
        row: features.vocabulary.row(of: word.scalars) ?? -1, first: first, count: encoder.rows.count - first,
        hash: NGramEncoder.hash(of: word.scalars))
    }
    characterRows = encoder.rows
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
    let text = numbers[splits[text]..<splits[text + 1]]
    var count = 0
    for number in text {
      let word = words[Int(number)]
      count += word.count + (word.row < 0 ? 0 : 1)
    }
    // Each word begins an n-gram of 2 words and so on, but for the last words.
    let longest = min(features.configuration.wordNGrams, text.count)
    return count + (longest > 1 ? (longest - 1) * text.count - longest * (longest - 1) / 2 : 0)
  }

  /// Writes the rows of the text's words, then of its word n-grams, then of its character n-grams.
  private func write(_ text: Int, to start: UnsafeMutablePointer<Int32>) {
    var next = start
    let text = numbers[splits[text]..<splits[text + 1]]
    for number in text where words[Int(number)].row >= 0 {
      next.initialize(to: words[Int(number)].row)
      next += 1
    }
    if features.configuration.wordNGrams > 1 {
      NGramEncoder(features).forEachWordNGram(of: text.map { words[Int($0)].hash }) { row in
        next.initialize(to: row)
        next += 1
      }
    }
    characterRows.withUnsafeBufferPointer { characterRows in
      for number in text {
        let word = words[Int(number)]
        guard word.count > 0 else { continue }
        next.initialize(from: characterRows.baseAddress! + word.first, count: word.count)
        next += word.count
      }
    }
  }
}
