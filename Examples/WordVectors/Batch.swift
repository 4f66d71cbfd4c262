import SliceGrad
import SliceGradMPI

/// The windows of a step with the words drawn against them, or a part of them.
struct Batch {
  let windows: Windows
  /// The same number of words for each window.
  let drawn: [Int32]
  /// Of the windows of the step.
  private(set) var share: Float = 1

  /// Some of the windows, or all.
  func part(_ range: Range<Int>) -> Batch {
    let (count, drawnForWindow) = (windows.centers.count, drawn.count / windows.centers.count)
    return Batch(
      windows: Windows(centers: Array(windows.centers[range]), contexts: windows.contexts.bags(range)),
      drawn: Array(drawn[range.lowerBound * drawnForWindow..<range.upperBound * drawnForWindow]),
      share: Float(range.count) / Float(count))
  }
}

extension WordVectorModel {
  /// The look-ups of a part in both tables.
  func lookups(isBagOfWords: Bool) -> [TableLookup<WordVectorModel, Batch>] {
    let rowsOfWords = rowsOfWords
    return [
      .rows(\.input) { batch in
        let words = isBagOfWords ? batch.windows.contexts.values : batch.windows.centers
        return rowsOfWords.map { $0.bags(words.map(Int.init)[...]).values } ?? words
      },
      .rows(\.output) { $0.drawn + (isBagOfWords ? $0.windows.centers : $0.windows.contexts.values) },
    ]
  }

  /// The sum over all pairs of a part, or with CBOW over its windows, by its share: their mean by shares is the sum
  /// over the whole step.
  func loss(of batch: Batch, isBagOfWords: Bool, negatives: Int) -> Variable<Float> {
    let sum =
      isBagOfWords
      ? bagOfWordsLoss(batch.windows, drawn: batch.drawn)
      : skipGramLoss(batch.windows, drawn: batch.drawn, negatives: negatives)
    return sum / batch.share
  }
}
