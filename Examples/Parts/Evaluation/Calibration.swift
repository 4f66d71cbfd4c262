/// Whether a classifier is right as often as its probabilities say: texts in bins by the probability of the class that
/// they are taken for, which are the bars of a reliability diagram.
///
/// Source: Guo, Pleiss, Sun and Weinberger (2017), On Calibration of Modern Neural Networks, section 2.
package struct Calibration {
  package struct Bin: Equatable {
    /// Above which probability, and up to which, the texts of the bin are.
    package let range: (above: Double, upTo: Double)
    package let textCount: Int
    /// The mean probability; 0 without texts.
    package let confidence: Double
    /// The share of its texts that are taken for what they are; 0 without texts.
    package let accuracy: Double

    package static func == (a: Bin, b: Bin) -> Bool {
      a.range == b.range && (a.textCount, a.confidence, a.accuracy) == (b.textCount, b.confidence, b.accuracy)
    }
  }

  package let bins: [Bin]

  /// Σ |Bₘ| / n · |accuracy(Bₘ) − confidence(Bₘ)| over the bins Bₘ of n texts, 0...1: the expected calibration error
  /// (Guo et al. 2017, equation 3). 0 without texts.
  package var expectedError: Double {
    let count = bins.reduce(0) { $0 + $1.textCount }
    return bins.reduce(0) { $0 + Double($1.textCount) / Double(max(count, 1)) * abs($1.accuracy - $1.confidence) }
  }

  /// The mean probability of all texts.
  package var confidence: Double {
    let count = bins.reduce(0) { $0 + $1.textCount }
    return bins.reduce(0) { $0 + Double($1.textCount) / Double(max(count, 1)) * $1.confidence }
  }
}

extension Evaluation {
  /// The texts in so many bins of the same width: bin m of M has the probabilities above (m − 1) / M, up to m / M.
  package func calibration(binCount: Int = 10) -> Calibration {
    var sums = Array(repeating: (count: 0, probability: 0.0, correct: 0), count: binCount)
    for (i, probability) in probabilities.enumerated() {
      let bin = min(max(Int((Double(probability) * Double(binCount)).rounded(.up)) - 1, 0), binCount - 1)
      sums[bin].count += 1
      sums[bin].probability += Double(probability)
      sums[bin].correct += truths[i] == classes[i] ? 1 : 0
    }
    return Calibration(
      bins: sums.enumerated().map { m, sum in
        let count = Double(max(sum.count, 1))
        return Calibration.Bin(
          range: (Double(m) / Double(binCount), Double(m + 1) / Double(binCount)), textCount: sum.count,
          confidence: sum.probability / count, accuracy: Double(sum.correct) / count)
      })
  }
}
