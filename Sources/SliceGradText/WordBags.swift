import SliceGrad

/// Texts as lists of the numbers of their words, from which bags of rows are made when a batch needs them.
///
/// A word has the same n-grams of characters wherever it stands, so that their rows are kept once for each different
/// word, and a text has each of its words once, with a count. It takes 8 bytes for each of them, and 4 bytes for each
/// word in order if n-grams of words are features: a tenth of its rows and less. Features that span words can't be kept
/// like this.
struct WordBags: Sendable {
  /// The row of each different word; −1 for unknown ones.
  private let wordRows: [Int32]
  /// The rows of the n-grams of characters of all different words, one word after another.
  private let characterRows: [Int32]
  /// Where those of a word begin and end, `[words + 1]`.
  private let characterSplits: [Int]
  /// The different words of the texts, one text after another.
  private let words: [Int32]
  /// How often each of `words` is in its text.
  private let counts: [Int32]
  /// Where the different words of a text begin and end, `[texts + 1]`.
  private let splits: [Int]
  /// The n-grams of words; nil if these are no features.
  private let wordNGrams: WordNGrams?

  /// Encodes these texts, with features that don't span words.
  ///
  /// - Complexity: O(words of the texts + length of the different words · n-gram lengths + n-grams of words).
  init(_ texts: NumberedWords, features: NGramFeatures) {
    let table = texts.words
    wordRows = (0..<table.count).map { features.vocabulary.row(of: table[$0]) ?? -1 }
    var encoder = NGramEncoder(features)
    characterSplits =
      [0]
      + (0..<table.count).map { word in
        encoder.appendCharacterNGrams(of: table[word])
        return encoder.rows.count
      }
    characterRows = encoder.rows.map { $0 }  // As it grew, up to twice its memory was reserved.
    (words, counts, splits) = texts.differentWords
    wordNGrams = features.configuration.wordNGrams > 1 ? WordNGrams(of: texts, features) : nil
  }

  var count: Int { splits.count - 1 }

  /// The bags of some of the texts, by their numbers: each row once, with its count. Traps if they have more rows than
  /// Int32 can count.
  ///
  /// - Complexity: O(rows of the different words and n-grams of words).
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
    var rows = [Int32](repeating: 0, count: rowCount)
    let counts = [Int32](unsafeUninitializedCapacity: rowCount) { counts, count in
      rows.withUnsafeMutableBufferPointer { rows in
        Threads.inRanges(of: chosen.count, operations: 2 * rowCount / max(chosen.count, 1) + 1) { texts in
          for (text, split) in zip(chosen.dropFirst(texts.lowerBound).prefix(texts.count), rowSplits[texts]) {
            write(text, to: rows.baseAddress! + Int(split), counts.baseAddress! + Int(split))
          }
        }
      }
      count = rowCount
    }
    return RaggedIndices(values: rows, rowSplits: rowSplits, counts: counts).counted
  }

  /// How many rows a text has before those that several of its words have are counted.
  private func rowCount(of text: Int) -> Int {
    words[splits[text]..<splits[text + 1]].reduce(wordNGrams?.count(in: text) ?? 0) { count, number in
      let word = Int(number)
      return count + characterSplits[word + 1] - characterSplits[word] + (wordRows[word] < 0 ? 0 : 1)
    }
  }

  /// Calls the body with every row that some text has, perhaps several times.
  ///
  /// - Complexity: O(length of the different words · n-gram lengths + n-grams of words).
  func forEachRow(_ body: (_ row: Int32) -> Void) {
    for row in wordRows where row >= 0 { body(row) }
    for row in characterRows { body(row) }
    for text in 0..<(wordNGrams == nil ? 0 : count) { wordNGrams?.forEachRow(of: text, body) }
  }

  /// Writes the rows of the text's words, then of its word n-grams, then of its character n-grams, and their counts.
  private func write(_ text: Int, to rows: UnsafeMutablePointer<Int32>, _ counts: UnsafeMutablePointer<Int32>) {
    var next = 0
    let places = splits[text]..<splits[text + 1]
    for place in places where wordRows[Int(words[place])] >= 0 {
      rows[next] = wordRows[Int(words[place])]
      counts[next] = self.counts[place]
      next += 1
    }
    wordNGrams?.forEachRow(of: text) { row in
      rows[next] = row
      counts[next] = 1
      next += 1
    }
    characterRows.withUnsafeBufferPointer { characterRows in
      for place in places {
        let (first, end) = (characterSplits[Int(words[place])], characterSplits[Int(words[place]) + 1])
        guard first < end else { continue }
        (rows + next).update(from: characterRows.baseAddress! + first, count: end - first)
        (counts + next).update(repeating: self.counts[place], count: end - first)
        next += end - first
      }
    }
  }
}

/// The n-grams of words of some texts, of which each has its words in order.
private struct WordNGrams: Sendable {
  private let features: NGramFeatures
  /// The hashes of the different words.
  private let hashes: [UInt64]
  /// The texts as numbers of words.
  private let numbers: [Int32]
  private let splits: [Int]
  /// How many n-grams each text has that have rows.
  private var counts: [Int] = []

  init(of texts: NumberedWords, _ features: NGramFeatures) {
    (self.features, numbers, splits) = (features, texts.numbers, texts.splits)
    hashes = (0..<texts.words.count).map { texts.words.hash(of: $0) }
    counts = (0..<texts.textCount).map { text in
      var count = 0
      forEachRow(of: text) { _ in count += 1 }
      return count
    }
  }

  func count(in text: Int) -> Int { counts[text] }

  /// Calls the body with the row of each n-gram of a text that has one.
  func forEachRow(of text: Int, _ body: (_ row: Int32) -> Void) {
    let words = numbers[splits[text]..<splits[text + 1]]
    NGramEncoder(features).forEachWordNGram(of: words.map { hashes[Int($0)] }, body)
  }
}

extension NumberedWords {
  /// The different words of each text in the order of their first appearance, how often they are there, and where those
  /// of a text begin and end.
  ///
  /// - Complexity: O(words).
  fileprivate var differentWords: (words: [Int32], counts: [Int32], splits: [Int]) {
    var (found, counts, splits) = ([Int32](), [Int32](), [0])
    splits.reserveCapacity(textCount + 1)
    var places = [Int](repeating: -1, count: words.count)  // of each word in the last text that has it
    for text in 0..<textCount {
      let start = found.count
      for word in numbers[self.splits[text]..<self.splits[text + 1]] {
        let place = places[Int(word)]
        if place >= start {
          counts[place] += 1
        } else {
          places[Int(word)] = found.count
          found.append(word)
          counts.append(1)
        }
      }
      splits.append(found.count)
    }
    return (found.map { $0 }, counts.map { $0 }, splits)  // As they grew, up to twice their memory was reserved.
  }
}
