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
  /// The weight of each training text, if they differ.
  private(set) var weights: [Double]?
  let classWeights: ClassWeights?

  /// The texts of the files, or the names. Throws `DataError` for a file that isn't as expected, and `UsageError` for
  /// class weights that aren't.
  init(_ options: Options) throws {
    classWeights = try options.classWeights.map { try ClassWeights($0) }
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
    if let file = options.weightsFile { weights = try TextWeights.read(file, for: training, of: trainFile) }
  }
}

/// The texts as bags of table rows and classes.
struct EncodedCorpus {
  let labels: LabelVocabulary
  let features: NGramFeatures
  let training: TextDataSet
  let loss: Loss
  /// The factors of a text's own labels, if their loss is independent and they differ, `[classes]`.
  let ownWeights: Tensor<Float>?
  /// As rows of the table that is trained. A classifier with other rows, as in a small file, can't be tested with it.
  let validation: TestTexts?
  /// As they were read: a classifier that is tested with them encodes them.
  let test: [LabeledText]?
  let isNames: Bool

  /// Throws `UsageError` for a table that this machine can't hold and for weights of labels that aren't there, and
  /// `DataError` for a text with several labels if the loss allows only one.
  init(_ corpus: Corpus, _ options: Options) throws {
    // A name is short, and its capitals and the spaces between its words tell languages apart.
    let configuration = NGramConfiguration(
      wordNGrams: options.wordNGrams, characterNGrams: options.characterNGrams,
      buckets: options.hasNGrams ? options.buckets : 0, foldsCase: !corpus.isNames, spansWords: corpus.isNames)
    let words = NumberedWords(of: corpus.training.map(\.text), foldsCase: configuration.foldsCase)
    let allFeatures = NGramFeatures(configuration, vocabulary: WordVocabulary(of: words))
    let labels = LabelVocabulary(of: corpus.training)
    let loss = options.loss ?? Loss(for: corpus.training)
    if loss == .softmax { try Self.checkLabels(of: corpus.training) }
    let (features, texts) = try TextDataSet(
      corpus.training, words: words, features: allFeatures, labels: labels, allowsSeveralLabels: loss == .independent
    ).keepingBuckets(of: allFeatures)
    try Self.checkTable(rows: features.rowCount, hasValidation: corpus.validation != nil, options)
    let classWeights = try corpus.classWeights?.weights(of: labels, in: texts)
    var textWeights = corpus.weights
    if loss == .softmax, let classWeights {
      let ofClasses = texts.labels.map { classWeights[Int($0)] }
      textWeights = textWeights.map { zip($0, ofClasses).map(*) } ?? ofClasses
    }
    training = texts.weighted(by: textWeights?.withMeanOne)
    ownWeights = loss == .softmax ? nil : classWeights.map { Tensor($0.map { Float($0) }) }
    self.loss = loss
    validation = corpus.validation.map { TestTexts($0, features: features, labels: labels, keepsRows: true) }
    test = corpus.test
    isNames = corpus.isNames
    self.labels = labels
    self.features = features
  }

  private static func checkLabels(of texts: [LabeledText]) throws(DataError) {
    guard let text = texts.first(where: { !$0.otherLabels.isEmpty }), let location = text.location else { return }
    throw DataError(
      at: location, found: "a second label \(text.otherLabels[0].quoted)",
      expected: "one label a text; --loss independent takes several")
  }

  private static func checkTable(
    rows: Int, hasValidation: Bool, _ options: Options
  ) throws(UsageError) {
    let columns = options.dimensions
    // The best epoch's table is kept beside the last one's. Adam has a gradient and two moments of the table's size
    // besides; SparseAdam, as it is used here, has one number for each row.
    let tables = (options.tableOptimizer == .adam ? 4.0 : 1.0) + (hasValidation ? 1 : 0)
    let bytes = tables * Double(rows) * Double(columns) * Double(MemoryLayout<Float>.stride)
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard rows <= Int32.max, bytes <= memory else {
      throw UsageError(
        "a table of \(rows) rows (words and n-grams) × \(columns) columns (--dimensions) is too large: "
          + "training takes \(Int(bytes / 1e9)) GB, expected at most \(Int(memory / 1e9)) GB and \(Int32.max) rows")
    }
  }
}
