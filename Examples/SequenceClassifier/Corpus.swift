import ExampleParts
import SliceGrad
import SliceGradText

/// The texts of a run as rows of their elements, and what turns others into such.
struct Corpus {
  let vocabulary: WordVocabulary
  let labels: LabelVocabulary
  let training: TextDataSet
  let validation: TextDataSet?
  let test: TextDataSet?
  private let reader: TextReader

  /// The texts of the files, or the names. Throws `DataError` for a file that isn't as expected.
  init(_ options: Options) throws(DataError) {
    let names = options.trainFile == nil ? NamesDataSet.load() : nil
    func examples(_ path: String?, orNames part: KeyPath<NamesDataSet, [LabeledText]>) throws(DataError)
      -> [LabeledText]?
    {
      if let names { return names[keyPath: part] }
      guard let path else { return nil }
      return try LabeledTextFile(path).examples()
    }
    let texts = try examples(options.trainFile, orNames: \.training)!
    let reader = TextReader(elements: options.elements, longest: options.longest)
    let vocabulary = WordVocabulary(
      of: texts.map { reader.spaced($0.text) }, minimumCount: options.minimumCount, foldsCase: reader.foldsCase)
    let labels = LabelVocabulary(of: texts)
    func encoded(_ texts: [LabeledText]?) throws(DataError) -> TextDataSet? {
      guard let texts else { return nil }
      return TextDataSet(
        texts: reader.rows(of: texts.map(\.text), vocabulary), labels: try labels.indices(of: texts))
    }
    training = try encoded(texts)!
    validation = try encoded(examples(options.validFile, orNames: \.validation))
    test = try encoded(examples(options.testFile, orNames: \.test))
    (self.reader, self.vocabulary, self.labels) = (reader, vocabulary, labels)
  }

  /// The rows of other texts.
  func encode(_ texts: [String]) -> RaggedIndices { reader.rows(of: texts, vocabulary) }
}

/// Cuts texts into their elements.
struct TextReader {
  let elements: Options.Element
  let longest: Int

  /// Capitals tell languages apart, but no movie reviews.
  var foldsCase: Bool { elements == .words }

  /// The text with spaces between its elements. A space that was there is an element of its own.
  func spaced(_ text: String) -> String {
    guard elements == .characters else { return text }
    return text.map { $0.isWhitespace ? "▁" : String($0) }.joined(separator: " ")
  }

  /// The first rows of each text; an empty text has the unknown element.
  func rows(of texts: [String], _ vocabulary: WordVocabulary) -> RaggedIndices {
    let all = vocabulary.encode(texts.map(spaced), foldsCase: foldsCase)
    return RaggedIndices(
      (0..<all.bagCount).map { i -> [Int32] in
        let rows = all.values[Int(all.rowSplits[i])..<Int(all.rowSplits[i + 1])].prefix(longest)
        return rows.isEmpty ? [vocabulary.unknownRow] : Array(rows)
      })
  }
}
