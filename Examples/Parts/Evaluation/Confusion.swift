/// Texts of one label that are taken for the same one.
package struct Confusion: Equatable {
  /// What they are, as a place in `Evaluation.labels`.
  package let truth: Int
  /// What they are taken for.
  package let found: Int
  /// The places of the texts, the surest first.
  package let texts: [Int]

  package init(truth: Int, found: Int, texts: [Int]) { (self.truth, self.found, self.texts) = (truth, found, texts) }
}

extension Evaluation {
  private struct Pair: Hashable {
    let truth: Int
    let found: Int
  }

  /// The cells of the confusion matrix that aren't empty, those with most texts first, those of the diagonal too. Of as
  /// many texts, the first label comes first. Takes O(n log n) for n texts, whatever the number of labels.
  package var matrix: [Confusion] {
    let places = Dictionary(grouping: truths.indices) { Pair(truth: truths[$0], found: classes[$0]) }
    return places.map { pair, texts in
      let texts = texts.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
      return Confusion(truth: pair.truth, found: pair.found, texts: texts)
    }.sorted { (-$0.texts.count, $0.truth, $0.found) < (-$1.texts.count, $1.truth, $1.found) }
  }

  /// The cells beside the diagonal: what is taken for something else.
  package var confusions: [Confusion] { matrix.filter { $0.truth != $0.found } }
}
