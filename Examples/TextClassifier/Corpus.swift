import ExampleParts
import Foundation
import SliceGrad
import SliceGradText

/// The texts of a run: those to learn from and perhaps some to validate and to test with.
struct Corpus {
  let training: [LabeledText]
  let validation: [LabeledText]?
  let test: [LabeledText]?
  let isNames: Bool

  /// The texts of the files, or the names. Throws `DataError` for a file that isn't as expected.
  init(_ options: Options) throws(DataError) {
    guard let trainFile = options.trainFile else {
      let names = NamesDataSet.load()
      (training, validation, test) = (names.training, names.validation, names.test)
      isNames = true
      return
    }
    func examples(_ path: String?) throws(DataError) -> [LabeledText]? {
      guard let path else { return nil }
      return try LabeledTextFile(path).examples()
    }
    training = try LabeledTextFile(trainFile).examples()
    validation = try examples(options.validFile)
    test = try examples(options.testFile)
    isNames = false
  }
}

/// Texts that a classifier never saw, as they are and as bags of table rows and classes.
struct TestTexts {
  let texts: [LabeledText]
  let dataSet: TextDataSet

  /// Throws `DataError` for a label that the classifier doesn't know.
  init(_ texts: [LabeledText], features: NGramFeatures, labels: LabelVocabulary) throws(DataError) {
    self.texts = texts
    dataSet = try TextDataSet(texts, features: features, labels: labels)
  }
}

/// The texts as bags of table rows and classes.
struct EncodedCorpus {
  let labels: LabelVocabulary
  let features: NGramFeatures
  let training: TextDataSet
  let validation: TextDataSet?
  let test: TestTexts?
  let isNames: Bool

  /// Throws `DataError` for a label that is not among those of the training texts, and `UsageError` for a table that
  /// this machine can't hold.
  init(_ corpus: Corpus, _ options: Options) throws {
    let hasNGrams = options.wordNGrams > 1 || options.characterNGrams != nil
    // A name is short, and its capitals and the spaces between its words tell languages apart.
    let configuration = NGramConfiguration(
      wordNGrams: options.wordNGrams, characterNGrams: options.characterNGrams,
      buckets: hasNGrams ? options.buckets : 0, foldsCase: !corpus.isNames, spansWords: corpus.isNames)
    let vocabulary = WordVocabulary(of: corpus.training.lazy.map(\.text), foldsCase: configuration.foldsCase)
    try Self.checkTable(rows: vocabulary.count + configuration.buckets, options)
    let features = NGramFeatures(configuration, vocabulary: vocabulary)
    let labels = LabelVocabulary(of: corpus.training)
    func encoded(_ examples: [LabeledText]?) throws(DataError) -> TextDataSet? {
      guard let examples else { return nil }
      return try TextDataSet(examples, features: features, labels: labels)
    }
    validation = try encoded(corpus.validation)
    training = try TextDataSet(corpus.training, features: features, labels: labels)
    test = try corpus.test.map { try TestTexts($0, features: features, labels: labels) }
    isNames = corpus.isNames
    self.labels = labels
    self.features = features
  }

  private static func checkTable(rows: Int, _ options: Options) throws(UsageError) {
    let columns = options.dimensions
    // Adam has a gradient and two moments of the table's size besides; the sparse rules have some rows only.
    let tables = options.tableOptimizer == .adam ? 4.0 : 1.0
    let bytes = tables * Double(rows) * Double(columns) * Double(MemoryLayout<Float>.stride)
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard rows <= Int32.max, bytes <= memory else {
      throw UsageError(
        "a table of \(rows) rows (words and --buckets) × \(columns) columns (--dimensions) is too large: "
          + "training takes \(Int(bytes / 1e9)) GB, expected at most \(Int(memory / 1e9)) GB and \(Int32.max) rows")
    }
  }
}
