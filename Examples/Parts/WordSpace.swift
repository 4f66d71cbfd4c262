package import SliceGrad
package import SliceGradText

/// Words as directions: what can be asked of their vectors.
package struct WordSpace {
  package let vocabulary: WordVocabulary
  /// The vectors `[v, d]`, each of length 1.
  package let directions: Tensor<Float>
  /// The vector of a word that isn't in the vocabulary, if it can be made of n-grams.
  private let unseenVector: (String) -> Tensor<Float>?

  /// The vectors `[v, d]` of words, and what gives those of other words; nil for one of which nothing is known.
  package init(
    _ vocabulary: WordVocabulary, _ vectors: Tensor<Float>,
    unseenVector: @escaping (String) -> Tensor<Float>? = { _ in nil }
  ) {
    self.vocabulary = vocabulary
    directions = vectors.unitRows()
    self.unseenVector = unseenVector
  }

  /// The row of a word, as it is or lower-cased.
  package func row(of word: String) -> Int32? { vocabulary.row(of: word) ?? vocabulary.row(of: word.lowercased()) }

  /// The direction `[1, d]` of a word; nil if nothing is known of it.
  package func direction(of word: String) -> Tensor<Float>? {
    if let row = row(of: word) { return directions.row(row).reshaped(to: [1, directions.shape[1]]) }
    return unseenVector(word)?.unitRows()
  }

  /// The cosine of two words; nil if nothing is known of one.
  package func similarity(_ a: String, _ b: String) -> Double? {
    guard let a = direction(of: a), let b = direction(of: b) else { return nil }
    return a.dot(b)
  }

  /// The words with the largest cosines; nil if nothing is known of this one.
  package func neighbors(of word: String, count: Int) -> [(word: String, similarity: Float)]? {
    guard let direction = direction(of: word) else { return nil }
    let row = row(of: word)
    return nearest(count, to: direction, except: [row.map { [$0] } ?? []])[0].map {
      (vocabulary.words[Int($0.row)], $0.similarity)
    }
  }

  /// For each of some vectors `[n, d]` the rows with the largest dot products, without the excepted ones.
  package func nearest(
    _ count: Int, to vectors: Tensor<Float>, except: [[Int32]]
  ) -> [[(row: Int32, similarity: Float)]] {
    let most = min(count + (except.map(\.count).max() ?? 0), vocabulary.count)
    let (values, rows) = vectors.matmul(directions, transposeRight: true).topK(most)
    let similarities = values.elements
    return except.enumerated().map { i, excepted in
      let found = (i * most..<(i + 1) * most).lazy.map { (row: rows[$0], similarity: similarities[$0]) }
      return Array(found.filter { !excepted.contains($0.row) }.prefix(count))
    }
  }
}
