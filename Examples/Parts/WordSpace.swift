package import SliceGrad
package import SliceGradText

/// Words as directions: what can be asked of their vectors. Processes that share the words ask together.
package struct WordSpace {
  package let vocabulary: WordVocabulary
  /// The number of a direction's coordinates, d.
  package var dimensions: Int { directions.shape[1] }

  /// The words whose directions are here: all of them, unless processes share them.
  private let own: Range<Int>
  /// Of these words, each of length 1: `[own, d]`.
  private let directions: Tensor<Float>
  /// The processes that share the words, and what gives all of them the vectors `[n, d]` of some.
  private let sharing: (ranks: Ranks, vectors: ([Int32]) throws -> Tensor<Float>)?
  /// The vector of a word that isn't in the vocabulary, if it can be made of n-grams.
  private let unseenVector: (String) throws -> Tensor<Float>?

  /// The vectors `[v, d]` of words, and what gives those of other words; nil for one of which nothing is known.
  package init(
    _ vocabulary: WordVocabulary, _ vectors: Tensor<Float>,
    unseenVector: @escaping (String) -> Tensor<Float>? = { _ in nil }
  ) {
    (self.vocabulary, own, sharing, self.unseenVector) = (vocabulary, 0..<vocabulary.count, nil, unseenVector)
    directions = vectors.unitRows()
  }

  /// The same where each process keeps the directions of some neighbouring words.
  ///
  /// - Parameters:
  ///   - vectors: gives all processes the vectors `[n, d]` of some words. All call it together.
  ///   - numbersAtOnce: how many numbers it gives at a time, at most, unless a single word has more.
  ///   - unseenVector: likewise.
  package init(
    _ vocabulary: WordVocabulary, sharedBy ranks: Ranks, vectors: @escaping ([Int32]) throws -> Tensor<Float>,
    numbersAtOnce: Int, unseenVector: @escaping (String) throws -> Tensor<Float>?
  ) throws {
    (self.vocabulary, self.unseenVector, sharing) = (vocabulary, unseenVector, (ranks, vectors))
    own = ranks.share(of: vocabulary.count)
    let (all, ownWords) = (Array(0..<Int32(vocabulary.count)), own)
    let wordsAtOnce = max(numbersAtOnce / (try vectors([0]).shape[1]), 1)
    let parts = try all.batches(ofSize: wordsAtOnce).map { words in
      let part = Int(words[0])..<Int(words[0]) + words.count
      let kept = ownWords.clamped(to: part)
      let places = kept.lowerBound - part.lowerBound..<kept.upperBound - part.lowerBound
      return try vectors(words).slice(places, axis: 0).unitRows()
    }
    directions = .concatenate(parts, axis: 0)
  }

  /// The row of a word, as it is or lower-cased.
  package func row(of word: String) -> Int32? { vocabulary.row(of: word) ?? vocabulary.row(of: word.lowercased()) }

  /// The directions `[n, d]` of some words of the vocabulary.
  package func directions(ofRows rows: [Int32]) throws -> Tensor<Float> {
    try sharing.map { try $0.vectors(rows).unitRows() } ?? EmbeddingTable(directions).gather(rows).value
  }

  /// The direction `[1, d]` of a word; nil if nothing is known of it.
  package func direction(of word: String) throws -> Tensor<Float>? {
    if let row = row(of: word) { return try directions(ofRows: [row]) }
    return try unseenVector(word)?.unitRows()
  }

  /// The cosine of two words; nil if nothing is known of one.
  package func similarity(_ a: String, _ b: String) throws -> Double? {
    guard let a = try direction(of: a), let b = try direction(of: b) else { return nil }
    return a.dot(b)
  }

  /// The words with the largest cosines; nil if nothing is known of this one.
  package func neighbors(of word: String, count: Int) throws -> [(word: String, similarity: Float)]? {
    guard let direction = try direction(of: word) else { return nil }
    let row = row(of: word)
    return try nearest(count, to: direction, except: [row.map { [$0] } ?? []])[0].map {
      (vocabulary.words[Int($0.row)], $0.similarity)
    }
  }

  /// For each of some vectors `[n, d]` the rows with the largest dot products, without the excepted ones.
  package func nearest(
    _ count: Int, to vectors: Tensor<Float>, except: [[Int32]]
  ) throws -> [[(row: Int32, similarity: Float)]] {
    let most = min(count + (except.map(\.count).max() ?? 0), own.count)
    var best: (similarities: [Float], rows: [Int32]) = ([], [])  // among this process's words
    if most > 0 {
      let (values, places) = vectors.matmul(directions, transposeRight: true).topK(most)
      best = (Array(values.elements), places.map { $0 + Int32(own.lowerBound) })
    }
    let similarities = try sharing?.ranks.all(best.similarities) ?? [best.similarities]
    let rows = try sharing?.ranks.all(best.rows) ?? [best.rows]
    return except.enumerated().map { i, excepted in
      let found = zip(rows, similarities).flatMap { rows, similarities in
        let places = i * rows.count / except.count..<(i + 1) * rows.count / except.count
        return zip(rows[places], similarities[places]).map { (row: $0, similarity: $1) }
      }
      let others = found.filter { !excepted.contains($0.row) }
      return Array(others.sorted { ($1.similarity, $0.row) < ($0.similarity, $1.row) }.prefix(count))
    }
  }
}
