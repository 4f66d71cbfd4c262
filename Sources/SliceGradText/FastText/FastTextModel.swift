import Foundation
public import SliceGrad
import SliceGradFiles

/// A model that fastText has trained, from its `.bin` file or its quantized `.ftz` file.
///
///     let model = try FastTextModel("drinks.bin")
///     print(model.labels)  // ["tea", "rain", "train", "owl", "cat"]
///     for (label, probability) in model.mostProbable(2, for: "green tea with milk") { print(label, probability) }
///     // tea 0.996118
///     // train 0.0038055554
///     print(model.vector(of: "tea")!)  // [0.485428, 1.06627, -1.73644, 0.344884]
///
/// The predictions are fastText's, for the losses softmax, one-vs-all, hierarchical softmax and negative sampling.
/// Words and labels are read at once. The numbers stay in the mapped file until they are needed, so that a large model
/// is there soon; meanwhile the file must not be changed in place.
///
/// Source of the format and of what is computed: <https://github.com/facebookresearch/fastText>, versions 11 and 12.
public struct FastTextModel: Sendable {
  /// Where the file is.
  public let path: String
  /// The labels without the prefix `__label__`, the most frequent one first; none if the model is one of word vectors.
  public let labels: [String]
  /// The number of words, of which each has a vector of its own.
  public var wordCount: Int { features.dictionary.wordCount }
  /// The number of numbers in a vector.
  public var dimensions: Int { features.arguments.dimensions }

  /// Whether a label's probability doesn't depend on the others': with one-vs-all and negative sampling.
  public var hasIndependentLabels: Bool { [.oneVersusAll, .negativeSampling].contains(features.arguments.loss) }

  private let features: FastTextFeatures
  private let input: FastTextMatrix
  private let output: FastTextOutput

  private static let magic = 793_712_314

  /// Whether the file begins as fastText's models do. Another one, and one that can't be read, doesn't.
  public static func recognizes(_ path: String) -> Bool {
    guard var reader = try? FastTextReader(path) else { return false }
    return (try? reader.integer("the beginning")) == magic
  }

  /// Opens a file. Throws `DataError` unless it is one of fastText's, complete and with nothing after it.
  ///
  /// Numbers in it that are not finite are not noticed. They give probabilities that are NaN.
  ///
  /// - Complexity: O(bytes of words and labels).
  public init(_ path: String) throws(DataError) {
    var reader = try FastTextReader(path)
    guard try reader.integer("the beginning") == Self.magic else {
      throw reader.error("another beginning", "a model of fastText's")
    }
    let version = try reader.integer("the version", in: 11...12)
    let arguments = try FastTextArguments(&reader, version: version)
    let dictionary = try FastTextDictionary(&reader)

    let isQuantized = try reader.flag("whether the table is quantized")
    input = try FastTextMatrix("the table", isQuantized: isQuantized, columns: arguments.dimensions, &reader)
    try Self.check(input, arguments, dictionary, isQuantized: isQuantized, reader)
    let isOutputQuantized = try reader.flag("whether the output layer is quantized") && isQuantized
    let output = try FastTextMatrix(
      "the output layer", isQuantized: isOutputQuantized, columns: arguments.dimensions, &reader)
    guard reader.bytesLeft == 0 else { throw reader.error("\(reader.bytesLeft) bytes after the model", "none") }

    let isClassifier = arguments.kind == .classifier
    guard !isClassifier || (output.rowCount == dictionary.labelCount && dictionary.labelCount > 0) else {
      throw reader.error("\(output.rowCount) rows of the output layer for \(dictionary.labelCount) labels", "one each")
    }
    self.path = path
    self.output = FastTextOutput(output, arguments.loss, counts: isClassifier ? dictionary.labelCounts : [])
    features = FastTextFeatures(dictionary: dictionary, arguments: arguments)
    labels = isClassifier ? (0..<dictionary.labelCount).map(dictionary.label) : []
  }

  /// Throws unless the table has all rows that texts may read.
  private static func check(
    _ input: FastTextMatrix, _ arguments: FastTextArguments, _ dictionary: FastTextDictionary, isQuantized: Bool,
    _ reader: FastTextReader
  ) throws(DataError) {
    guard isQuantized || dictionary.keptBuckets == nil else {
      throw reader.error("a table that is pruned but not quantized", "a file of a newer version of fastText")
    }
    let bucketCount = dictionary.keptBuckets?.count ?? (arguments.hasNGrams ? arguments.buckets : 0)
    let needed = dictionary.wordCount + bucketCount
    guard (needed...max(needed, Int(Int32.max))).contains(input.rowCount), needed <= Int32.max else {
      throw reader.error(
        "\(input.rowCount) rows of the table for \(dictionary.wordCount) words and \(bucketCount) buckets", "one each")
    }
  }
}

// MARK: Predictions

extension FastTextModel {
  /// The most probable labels of a text, best first; none if nothing is known of it, or if the model has no labels.
  ///
  /// The text is read as a line of fastText's: a line feed ends it, whatever follows. Words with the prefix `__label__`
  /// count for nothing. As in fastText, 10⁻⁵ is added to each probability, so that a sure one is 1.00001. With
  /// hierarchical softmax it is added to each factor of one, and labels that are less probable than 10⁻⁵ are left out.
  /// With one-vs-all and negative sampling, a label's probability doesn't depend on the others'.
  ///
  /// Traps if `count` is below 1.
  ///
  /// - Complexity: O((features of the text + labels) · dimensions), with hierarchical softmax less for many labels.
  public func mostProbable(_ count: Int, for text: String) -> [(label: String, probability: Float)] {
    require(count > 0, "FastTextModel: the \(count) most probable labels")
    let rows = features.rows(of: text)
    guard !rows.isEmpty else { return [] }
    return output.best(count, for: input.mean(of: rows, columns: dimensions)).map { (labels[$0.label], exp($0.score)) }
  }
}

// MARK: Word vectors

extension FastTextModel {
  /// The vector `[dimensions]` of a word: the mean of its own, if the model knows the word, and those of its character
  /// n-grams; `nil` if it has none of these.
  ///
  /// - Complexity: O(length of the word · n-gram lengths · dimensions).
  public func vector(of word: String) -> Tensor<Float>? {
    let rows = features.rows(ofWord: word)
    guard !rows.isEmpty else { return nil }
    return Tensor(shape: [dimensions], elements: input.mean(of: rows, columns: dimensions))
  }

  /// All words, the most frequent one first, and a table `[words, dimensions]` of their vectors, as `vector(of:)` gives
  /// them. `WordVectorFile` writes them to a `.vec` file.
  ///
  ///     let (vocabulary, table) = try FastTextModel("drinks.bin").wordVectors()
  ///     try WordVectorFile("drinks.vec").write(table, for: vocabulary)
  ///     print(table)  // EmbeddingTable [56, 4]
  ///
  /// Throws `DataError` for a word whose bytes are not UTF-8. fastText's end of a line, `</s>`, is a word too.
  ///
  /// - Complexity: O(length of the words · n-gram lengths · dimensions).
  public func wordVectors() throws(DataError) -> (vocabulary: WordVocabulary, table: EmbeddingTable<Float>) {
    var words: [String] = []
    var numbers: [Float] = []
    words.reserveCapacity(wordCount)
    numbers.reserveCapacity(wordCount * dimensions)
    for entry in 0..<wordCount {
      guard let word = String(utf8: ArraySlice(features.dictionary.bytes(entry))) else {
        throw DataError(
          path: path, found: "word \(entry + 1), \(features.dictionary.text(entry).quoted), whose bytes are not UTF-8",
          expected: "UTF-8 text")
      }
      words.append(word)
      numbers += input.mean(of: features.rows(ofWord: word), columns: dimensions)
    }
    let vectors = Tensor(shape: [wordCount, dimensions], elements: numbers)
    return (WordVocabulary(words: words)!, EmbeddingTable(vectors))
  }
}
