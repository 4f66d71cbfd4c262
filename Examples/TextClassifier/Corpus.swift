import ExampleParts
import Foundation
import SliceGrad
import SliceGradFiles
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
  let classes: [Int32]
  /// nil for a model of fastText's, which reads the texts itself.
  let dataSet: TextDataSet?

  /// The class of a label that training never showed. No text is ever taken for one of it.
  private static let unseenClass: Int32 = -1

  init(_ texts: [LabeledText], features: NGramFeatures?, labels: LabelVocabulary) {
    let classes = texts.map { labels.index(of: $0.label) ?? Self.unseenClass }
    (self.texts, self.classes) = (texts, classes)
    dataSet = features.map { TextDataSet(texts: $0.encode(texts.lazy.map(\.text)), labels: classes) }
  }

  /// What to say of labels that training never showed; nil if there are none.
  var warning: String? {
    let unseen = zip(texts, classes).filter { $1 == Self.unseenClass }.map(\.0.label)
    guard !unseen.isEmpty else { return nil }
    let names = Set(unseen).sorted()
    let some = names.prefix(3).map(\.quoted).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    return
      "\(unseen.count) of \(texts.count) texts have a label that training never showed, and count as wrong: \(some)"
  }
}

/// The texts as bags of table rows and classes.
struct EncodedCorpus {
  let labels: LabelVocabulary
  let features: NGramFeatures
  let training: TextDataSet
  let validation: TestTexts?
  let test: TestTexts?
  let isNames: Bool

  /// Throws `UsageError` for a table that this machine can't hold.
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
    training = try TextDataSet(corpus.training, features: features, labels: labels)
    validation = corpus.validation.map { TestTexts($0, features: features, labels: labels) }
    test = corpus.test.map { TestTexts($0, features: features, labels: labels) }
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
