import SliceGradText

/// How well the labels that texts are given agree with those that they have.
struct LabelScores {
  /// How many texts have a label, were given it, and both.
  struct Counts {
    var there = 0
    var given = 0
    var right = 0

    /// The share of the given ones that are right; `nil` if none was given.
    var precision: Double? { share(right, of: given) }
    /// The share of those there that were given; `nil` if none is there.
    var recall: Double? { share(right, of: there) }
    /// The harmonic mean of precision and recall, 2 · right / (there + given); `nil` if there is nothing to count.
    var f1: Double? { share(2 * right, of: there + given) }

    private func share(_ part: Int, of all: Int) -> Double? { all == 0 ? nil : Double(part) / Double(all) }
  }

  /// By class.
  private(set) var labels: [Counts]
  /// Labels that training never showed, by name: they are there, and never given.
  private(set) var unseen: [String: Counts] = [:]

  /// - Parameters:
  ///   - given: the classes that each text is given.
  ///   - texts: what the texts have.
  ///   - known: the labels of the classes.
  init(of given: [[Int32]], for texts: [LabeledText], known: LabelVocabulary) {
    labels = Array(repeating: Counts(), count: known.count)
    for (given, text) in zip(given, texts) {
      for label in given { labels[Int(label)].given += 1 }
      for name in text.labels {
        guard let label = known.index(of: name) else {
          unseen[name, default: Counts()].there += 1
          continue
        }
        labels[Int(label)].there += 1
        if given.contains(label) { labels[Int(label)].right += 1 }
      }
    }
  }

  /// All labels taken together. Its F1 is the micro F1.
  var total: Counts {
    (labels + unseen.values).reduce(into: Counts()) { sum, label in
      sum.there += label.there
      sum.given += label.given
      sum.right += label.right
    }
  }

  /// The mean F1 of the labels that a text has or was given, seen in training or not.
  var macroF1: Double {
    let scores = (labels + unseen.values).compactMap(\.f1)
    return scores.reduce(0, +) / Double(max(scores.count, 1))
  }
}
