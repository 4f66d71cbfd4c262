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
    let parts = Threads.inParts(of: texts.textCount) { CountedWords(of: texts, part: $0) }
    words = Array(joining: parts.map(\.words))
    counts = Array(joining: parts.map(\.counts))
    splits = Array(joiningSplits: parts.map(\.splits))
  }

  private init(of texts: NumberedWords, part: Range<Int>) {
    var (words, counts, splits) = ([Int32](), [Int32](), [0])
    var places = [Int](repeating: -1, count: texts.words.count)  // of each word in the last text that has it
    for text in part {
      let start = words.count
      for word in texts.numbers[texts.splits[text]..<texts.splits[text + 1]] {
        let place = places[Int(word)]
        if place >= start {
          counts[place] += 1
        } else {
          places[Int(word)] = words.count
          words.append(word)
          counts.append(1)
        }
      }
      splits.append(words.count)
    }
    (self.words, self.counts, self.splits) = (words, counts, splits)
  }

  /// The number of texts.
  var textCount: Int { splits.count - 1 }

  /// The places of a text's words in `words` and `counts`.
  func places(of text: Int) -> Range<Int> { splits[text]..<splits[text + 1] }
}
