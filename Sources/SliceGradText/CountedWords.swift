import SliceGrad

/// Texts as lists of the numbers of their words, each different word once, with a count.
struct CountedWords: Sendable {
  /// The different words of the texts in the order of their first appearance, one text after another.
  let words: [Int32]
  /// How often each of `words` is in its text.
  let counts: [Int32]
  /// Where the words of a text begin and end, `[texts + 1]`.
  let splits: [Int]

  /// The words of these texts.
  ///
  /// - Complexity: O(words).
  init(of texts: NumberedWords) {
    // Parts are small, since counting takes some memory, and never have more words than Int32 can count.
    self.init(of: texts, partCount: 4 * Threads.count + texts.numbers.count >> 22)
  }

  /// The same, where threads share the texts in so many parts.
  init(of texts: NumberedWords, partCount: Int) {
    let parts = Threads.inParts(of: texts.textCount, count: partCount) { CountedWords(of: texts, part: $0) }
    words = Array(joining: parts.map(\.words))
    counts = Array(joining: parts.map(\.counts))
    splits = Array(joiningSplits: parts.map(\.splits))
  }

  private init(of texts: NumberedWords, part: Range<Int>) {
    let (first, end) = (texts.splits[part.lowerBound], texts.splits[part.upperBound])
    let bags = RaggedIndices(
      values: Array(texts.numbers[first..<end]),
      rowSplits: texts.splits[part.lowerBound...part.upperBound].map { Int32($0 - first) }
    ).counted
    words = bags.values
    counts = bags.counts ?? Array(repeating: 1, count: words.count)
    splits = bags.rowSplits.map { Int($0) }
  }

  /// The number of texts.
  var textCount: Int { splits.count - 1 }

  /// The places of a text's words in `words` and `counts`.
  func places(of text: Int) -> Range<Int> { splits[text]..<splits[text + 1] }
}
