import ExampleParts
import SliceGradText

/// How well the labels that texts are given agree with those that they have.
struct LabelScores {
  /// By class.
  private(set) var labels: [LabelFigures]
  /// Labels that training never showed, by name: they are there, and never given.
  private(set) var unseen: [Spelling: LabelFigures] = [:]

  /// - Parameters:
  ///   - given: the classes that each text is given.
  ///   - texts: what the texts have.
  ///   - known: the labels of the classes.
  init(of given: [[Int32]], for texts: [LabeledText], known: LabelVocabulary) {
    labels = Array(repeating: LabelFigures(), count: known.count)
    for (given, text) in zip(given, texts) {
      for label in given { labels[Int(label)].takenCount += 1 }
      for name in text.labels {
        guard let label = known.index(of: name) else {
          unseen[Spelling(name), default: LabelFigures()].textCount += 1
          continue
        }
        labels[Int(label)].textCount += 1
        if given.contains(label) { labels[Int(label)].correctCount += 1 }
      }
    }
  }

  /// All labels taken together. Its F1 is the micro F1.
  var total: LabelFigures {
    (labels + unseen.values).reduce(into: LabelFigures()) { sum, label in
      sum.textCount += label.textCount
      sum.takenCount += label.takenCount
      sum.correctCount += label.correctCount
    }
  }

  /// The mean F1 of the labels that a text has or was given, seen in training or not.
  var macroF1: Double {
    let scores = (labels + unseen.values).compactMap(\.f1)
    return scores.reduce(0, +) / Double(max(scores.count, 1))
  }
}
