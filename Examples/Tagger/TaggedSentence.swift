import ExampleParts
import SliceGradFiles
import SliceGradText

/// The words of a sentence, each with its tag.
struct TaggedSentence: Equatable {
  var words: [String] = []
  var tags: [String] = []
}

extension TaggedSentence {
  private static let form = "word TAB tag"

  /// The sentences of a file: a line for each word and its tag, and an empty line after each sentence.
  ///
  /// The word is the first column and the tag the last one; what lies between isn't read. The columns have tabs between
  /// them or, in a line without a tab, spaces. Throws `DataError` at the first line that isn't as expected, and for a
  /// file without sentences.
  ///
  /// - Parameter known: the tags that there may be; any if nil.
  static func sentences(inFile path: String, tags known: Set<Spelling>? = nil) throws(DataError) -> [TaggedSentence] {
    var (sentences, sentence) = ([] as [TaggedSentence], TaggedSentence())
    func endSentence() {
      if !sentence.words.isEmpty { sentences.append(sentence) }
      sentence = TaggedSentence()
    }
    try TextLines(path: path, contents: "tagged sentences").visit { text, location throws(DataError) in
      guard !text.allSatisfy({ $0 == " " || $0 == "\t" }) else { return endSentence() }
      let columns = columns(of: text)
      guard columns.count > 1 else {
        throw DataError(at: location, found: "one column in \(text.quoted)", expected: form)
      }
      guard !columns.first!.isEmpty, !columns.last!.isEmpty else {
        throw DataError(at: location, found: "nothing beside a tab in \(text.quoted)", expected: form)
      }
      if let known, !known.contains(Spelling(columns.last!)) {
        throw DataError(
          at: location, found: "the tag \(columns.last!.quoted), never seen in training",
          expected: "one of \(known.count) tags: \(known.sorted().map(\.text).quoted)")
      }
      sentence.words.append(columns.first!)
      sentence.tags.append(columns.last!)
    }
    endSentence()
    guard !sentences.isEmpty else {
      throw DataError(
        path: path, found: "no sentences", expected: "lines of \(form), and empty lines between sentences")
    }
    return sentences
  }

  /// As UTF-8: a tab and an accent after it are one `Character`.
  private static func columns(of line: String) -> [String] {
    let tabbed = line.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    return (tabbed.count > 1 ? tabbed : line.utf8.split(separator: UInt8(ascii: " "))).map { String(Substring($0)) }
  }
}

/// Sentences to learn from, to choose the best epoch by, and to test with.
struct Corpus: Equatable {
  let training: [TaggedSentence]
  let validation: [TaggedSentence]
  let test: [TaggedSentence]

  /// The different tags of the training sentences, sorted.
  var tags: [String] { Set(training.flatMap(\.tags).map { Spelling($0) }).sorted().map(\.text) }
}

extension Corpus {
  /// The sentences of files. Throws `DataError` for a file that isn't as expected, and for a tag that no training
  /// sentence has.
  init(trainFile: String, validFile: String?, testFile: String?) throws(DataError) {
    training = try TaggedSentence.sentences(inFile: trainFile)
    let tags = Set(training.flatMap(\.tags).map { Spelling($0) })
    validation = if let validFile { try TaggedSentence.sentences(inFile: validFile, tags: tags) } else { [] }
    test = if let testFile { try TaggedSentence.sentences(inFile: testFile, tags: tags) } else { [] }
  }
}
