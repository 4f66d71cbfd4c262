import SliceGradText

/// What a classifier takes texts for that it never saw, beside what they are.
///
///     let evaluation = Evaluation(
///       labels: ["cat", "dog"], truths: ["cat", "dog", "dog"], classes: [0, 0, 1], probabilities: [0.9, 0.6, 0.8])
///     print(evaluation.correctCount, evaluation.confusions[0].found)  // 2 0
package struct Evaluation {
  /// The labels in the order of their classes, and after them those that training never showed, sorted.
  package let labels: [String]
  /// How many labels training showed: so many classes there are.
  package let classCount: Int
  /// The label of each text, as a place in `labels`.
  package let truths: [Int]
  /// The class that each text is taken for.
  package let classes: [Int]
  /// How probable the classifier holds the class that it takes a text for, 0...1.
  package let probabilities: [Float]

  /// - Parameters:
  ///   - labels: the labels in the order of their classes.
  ///   - truths: the label of each text, which training may never have shown.
  ///   - classes: the most probable class of each text.
  ///   - probabilities: its probability.
  ///
  /// Traps unless there is one of each for each text.
  package init(labels: [String], truths: [String], classes: [Int32], probabilities: [Float]) {
    precondition(truths.count == classes.count && truths.count == probabilities.count)
    let (known, truths) = (labels.map { Spelling($0) }, truths.map { Spelling($0) })
    let all = known + Set(truths).subtracting(known).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(all, all.indices))
    (self.labels, classCount) = (all.map(\.text), labels.count)
    self.truths = truths.map { places[$0]! }
    self.classes = classes.map { Int($0) }
    self.probabilities = probabilities
  }

  package var count: Int { truths.count }

  package var correctCount: Int { zip(truths, classes).count { $0 == $1 } }

  /// The share of the texts that are taken for what they are; 0 without texts.
  package var accuracy: Double { count == 0 ? 0 : Double(correctCount) / Double(count) }
}

// MARK: By label

/// How well texts of a label are told from the others, whether a text is taken for one label or for several.
package struct LabelFigures: Equatable {
  /// How many texts have the label.
  package var textCount = 0
  /// How many are taken for it.
  package var takenCount = 0
  /// How many have it and are taken for it.
  package var correctCount = 0

  package init(textCount: Int = 0, takenCount: Int = 0, correctCount: Int = 0) {
    (self.textCount, self.takenCount, self.correctCount) = (textCount, takenCount, correctCount)
  }

  /// The share of the texts taken for it that have it; nil if none is taken for it.
  package var precision: Double? { share(correctCount, of: takenCount) }

  /// The share of its texts that are taken for it; nil without texts.
  package var recall: Double? { share(correctCount, of: textCount) }

  /// The harmonic mean of both, 2 · correct / (taken + there).
  package var f1: Double? { share(2 * correctCount, of: takenCount + textCount) }

  private func share(_ part: Int, of all: Int) -> Double? { all == 0 ? nil : Double(part) / Double(all) }
}

extension Evaluation {
  /// The figures of each label, in the order of `labels`. Takes O(texts + labels).
  package var labelFigures: [LabelFigures] {
    var figures = Array(repeating: LabelFigures(), count: labels.count)
    for (truth, found) in zip(truths, classes) {
      figures[truth].textCount += 1
      figures[found].takenCount += 1
      if truth == found { figures[truth].correctCount += 1 }
    }
    return figures
  }

  /// The mean F1 of the labels that a text has or is taken for, each counting as much as another (macro F1); 0 without
  /// texts.
  package var meanF1: Double {
    let values = labelFigures.compactMap(\.f1)
    return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
