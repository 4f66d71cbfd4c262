import SliceGrad

/// The words of some texts, each different one once, and the texts as lists of the words' numbers.
///
/// Vocabulary and data set are made of it where the texts should be read only once:
///
///     let words = NumberedWords(of: training.map(\.text))
///     let features = NGramFeatures(NGramConfiguration(), vocabulary: WordVocabulary(of: words))
///     let labels = LabelVocabulary(of: training)
///     let data = try TextDataSet(training, words: words, features: features, labels: labels)
///     print(words.textCount, data.count)  // 3 3
///
/// Words are numbered in the order of their first appearance, for any number of threads. A text takes 4 bytes a word.
public struct NumberedWords: Sendable {
  /// Whether the words were lower-cased.
  public let foldsCase: Bool
  /// The different words.
  private(set) var words = WordTable()
  /// The numbers of the words of all texts, one text after another.
  private(set) var numbers: [Int32] = []
  /// Where the texts begin and end, `[texts + 1]`: text i is `numbers[splits[i]..<splits[i + 1]]`.
  private(set) var splits = [0]

  /// The words of these texts, as `Tokenizer` finds them.
  ///
  /// - Parameters:
  ///   - texts: any texts, empty ones too.
  ///   - foldsCase: whether the words are lower-cased.
  /// - Complexity: O(length of the texts).
  public init(of texts: [String], foldsCase: Bool = true) {
    self.init(of: texts, foldsCase: foldsCase, partCount: nil)
  }

  /// The same, where threads share the texts in so many parts.
  init(of texts: [String], foldsCase: Bool, partCount: Int?) {
    let parts = Threads.inParts(of: texts.count, count: partCount) { part in
      NumberedWords(ofPart: texts[part], foldsCase: foldsCase)
    }
    guard parts.count != 1 else {
      self = parts[0]
      numbers = numbers.map { $0 }  // As it grew, up to twice its memory was reserved.
      return
    }
    self.foldsCase = foldsCase
    numbers.reserveCapacity(parts.reduce(0) { $0 + $1.numbers.count })
    splits.reserveCapacity(texts.count + 1)
    for part in parts { append(part) }
  }

  private init(ofPart texts: ArraySlice<String>, foldsCase: Bool) {
    self.foldsCase = foldsCase
    var tokens = TokenBuffer(foldsCase: foldsCase)
    for text in texts {
      tokens.fill(with: text)
      for token in 0..<tokens.count { numbers.append(words.number(of: tokens.word(token))) }
      splits.append(numbers.count)
    }
  }

  /// Appends the texts of `part`, whose words have other numbers here.
  private mutating func append(_ part: NumberedWords) {
    let numbersHere = (0..<part.words.count).map { words.number(of: part.words[$0]) }
    let first = numbers.count
    numbers += part.numbers.lazy.map { numbersHere[Int($0)] }
    splits += part.splits.dropFirst().lazy.map { first + $0 }
  }

  /// The number of texts.
  public var textCount: Int { splits.count - 1 }
}
