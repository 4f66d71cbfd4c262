import ExampleParts
import SliceGrad
import SliceGradMPI
import SliceGradText

/// The vectors of words that a model has learnt. Ranks that share the rows of its tables ask together, and all get
/// them.
struct TrainedVectors {
  let model: WordVectorModel
  let features: NGramFeatures
  let ranks: Ranks
  /// So many numbers of vectors are made at a time: 4 MB.
  var numbersAtOnce = 1 << 20

  /// The vectors `[n, d]` of some words of the vocabulary.
  func callAsFunction(_ words: [Int32]) throws -> Tensor<Float> {
    let rowsOfWords = model.rowsOfWords
    func part(_ range: Range<Int>) -> [Int32] { Array(words[range]) }
    return try ranks.rows(
      at: model, examples: words.count, part: part,
      lookups: [.rows(\.input) { words in rowsOfWords.map { $0.bags(words.map(Int.init)[...]).values } ?? words }]
    ) { $0.vectors(of: $1).value }
  }

  /// The vector `[1, d]` of a word that isn't in the vocabulary; nil if it can't be made of n-grams.
  func vector(ofUnseen word: String) throws -> Tensor<Float>? {
    let rows = features.rows(of: word)
    guard !rows.isEmpty else { return nil }
    func part(_ range: Range<Int>) -> RaggedIndices { RaggedIndices(range.map { _ in rows }) }
    return try ranks.rows(
      at: model, examples: 1, part: part, lookups: [.rows(\.input, \.values)]
    ) { $0.bagVectors($1).value }
  }

  /// The words by their vectors. Of others, those are known that are made of n-grams.
  var space: WordSpace {
    get throws {
      try WordSpace(
        features.vocabulary, sharedBy: ranks, vectors: callAsFunction, numbersAtOnce: numbersAtOnce,
        unseenVector: vector(ofUnseen:))
    }
  }

  /// Writes them in the form of word2vec. All ranks call it, and the first one writes.
  func save(to path: String) throws {
    guard ranks.isFirst else { return try forEachPart { _ in } }
    try WordVectorFile(path).write(columns: model.input.columnCount, for: features.vocabulary, forEachPart)
  }

  /// Calls the body with the vectors of all words, some at a time.
  private func forEachPart(_ body: (Tensor<Float>) throws -> Void) throws {
    let words = Array(0..<Int32(features.vocabulary.count))
    for part in words.batches(ofSize: max(numbersAtOnce / model.input.columnCount, 1)) { try body(self(part)) }
  }
}
