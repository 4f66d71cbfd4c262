import SliceGrad

/// The words of some texts, each different one once, and the texts as lists of the words' numbers.
///
/// Words are numbered in the order of their first appearance, for any number of threads.
struct NumberedWords {
  private var table = WordTable()
  /// The numbers of the words of all texts, one text after another.
  private(set) var numbers: [Int32] = []
  /// Where the texts begin and end, `[texts + 1]`: text i is `numbers[splits[i]..<splits[i + 1]]`.
  private(set) var splits = [0]

  /// The different words in the order of their numbers.
  var words: [Word] { table.words }

  /// The words of these texts, which the threads read in parts: four for each, as some take longer than others.
  ///
  /// - Complexity: O(length of the texts).
  init(of texts: [String], foldsCase: Bool, partCount: Int = Threads.count == 1 ? 1 : 4 * Threads.count) {
    let parts = Threads.inParts(of: texts.count, count: min(partCount, texts.count)) { part in
      NumberedWords(ofPart: texts[part], foldsCase: foldsCase)
    }
    guard parts.count != 1 else {
      self = parts[0]
      return
    }
    numbers.reserveCapacity(parts.reduce(0) { $0 + $1.numbers.count })
    splits.reserveCapacity(texts.count + 1)
    for part in parts { append(part) }
  }

  private init(ofPart texts: ArraySlice<String>, foldsCase: Bool) {
    var tokens = TokenBuffer(foldsCase: foldsCase)
    for text in texts {
      tokens.fill(with: text)
      for token in 0..<tokens.count { numbers.append(table.number(of: tokens.word(token))) }
      splits.append(numbers.count)
    }
  }

  /// Appends the texts of `part`, whose words have other numbers here.
  private mutating func append(_ part: NumberedWords) {
    let numbersHere = part.words.map { table.number(of: $0.scalars) }
    let first = numbers.count
    numbers += part.numbers.lazy.map { numbersHere[Int($0)] }
    splits += part.splits.dropFirst().lazy.map { first + $0 }
  }
}
