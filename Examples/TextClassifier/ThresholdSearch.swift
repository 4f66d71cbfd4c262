import SliceGrad

/// Looks for the probability from which on independent labels are best given.
///
/// A classifier that knows its training texts by heart holds the labels of other texts for less probable than they are.
/// Then fewer of them reach 0.5 than are right.
struct ThresholdSearch {
  /// How many labels, and how many right ones, have a probability of k/100 or more, but less than (k + 1)/100.
  private var (given, right) = ([Int](repeating: 0, count: 101), [Int](repeating: 0, count: 101))
  /// How many labels the texts have.
  private var there = 0

  /// Counts the labels of some texts, by their probabilities `[texts, classes]`. Classes below 0 stand for labels that
  /// have no probability.
  mutating func add(_ probabilities: Tensor<Float>, labelSets: RaggedIndices) {
    there += labelSets.values.count
    for text in 0..<probabilities.shape[0] {
      for label in 0..<probabilities.shape[1] { given[Self.place(of: probabilities[text, label])] += 1 }
      for label in labelSets.values[Int(labelSets.rowSplits[text])..<Int(labelSets.rowSplits[text + 1])]
      where label >= 0 {
        right[Self.place(of: probabilities[text, Int(label)])] += 1
      }
    }
  }

  private static func place(of probability: Float) -> Int {
    guard probability > 0 else { return 0 }  // NaN as well
    let place = Int(probability * 100)  // perhaps one too large or too small, by rounding
    return (max(place - 1, 0)...min(place + 1, 100)).last { Double(probability) >= Double($0) / 100 } ?? 0
  }

  /// The threshold of 0.01, 0.02, …, 0.99 with the largest micro F1, of as good ones the one nearest to 0.5, and that
  /// F1.
  var best: (threshold: Double, f1: Double) {
    var (givenCount, rightCount) = (given[100], right[100])
    var best = (place: 50, f1: -1.0)
    for place in stride(from: 99, through: 1, by: -1) {
      givenCount += given[place]
      rightCount += right[place]
      let f1 = Double(2 * rightCount) / Double(max(givenCount + there, 1))
      if (f1, -abs(place - 50)) > (best.f1, -abs(best.place - 50)) { best = (place, f1) }
    }
    return (Double(best.place) / 100, best.f1)
  }
}
