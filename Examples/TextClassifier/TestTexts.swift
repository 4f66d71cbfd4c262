import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// Texts that a classifier never saw, as they are and as bags of table rows.
struct TestTexts {
  let texts: [LabeledText]
  /// nil for a model of fastText's, which reads the texts itself.
  let dataSet: TextDataSet?
  /// The labels that training showed.
  let known: LabelVocabulary

  init(_ texts: [LabeledText], features: NGramFeatures?, labels: LabelVocabulary) {
    self.texts = texts
    dataSet = features.map { features in
      let labelSets = texts.map { text in text.labels.map { labels.index(of: $0) ?? Self.unseenClass } }
      return TextDataSet(texts.map(\.text), features: features, labelSets: RaggedIndices(labelSets))
    }
    known = labels
  }

  /// The class of a label that training never showed. No text is ever taken for one of it.
  private static let unseenClass: Int32 = -1

  /// Whether each has one label only.
  var haveOneLabel: Bool { texts.allSatisfy(\.otherLabels.isEmpty) }

  /// How good the labels are that a model gives to them.
  func scores(of model: TextModel, _ loss: Loss, _ choice: LabelChoice) -> LabelScores {
    let given = dataSet!.batches(ofSize: 256).flatMap { batch in
      choice(model(batch.texts).value, loss).map { $0.map(\.label) }
    }
    return LabelScores(of: given, for: texts, known: known)
  }

  /// What a model takes the texts for, each of which has one label.
  func evaluation(of model: TextModel) -> Evaluation {
    let (classes, probabilities) = model.predictions(of: dataSet!)
    return Evaluation(
      labels: known.labels, truths: texts.map(\.label), classes: classes, probabilities: probabilities)
  }

  /// How good a model is, in one number: the share of the texts whose most probable label they have, or the micro F1 of
  /// independent labels with the best threshold. The model is known by the logits that it gives to texts.
  func score(
    _ loss: Loss, logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> (name: String, value: Double) {
    guard loss == .softmax else { return ("micro F1", try bestThreshold(logits: logits).f1) }
    let sets = dataSet!.labelSets
    let classes = try dataSet!.batches(ofSize: 256).flatMap { try logits($0.texts).argmax() }
    let right = zip(texts.indices, classes).count { text, found in
      sets.values[Int(sets.rowSplits[text])..<Int(sets.rowSplits[text + 1])].contains(found)
    }
    return ("accuracy", Double(right) / Double(texts.count))
  }

  /// The probability from which on a model gives independent labels best, and the micro F1 then.
  func bestThreshold(
    logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> (threshold: Double, f1: Double) {
    var search = ThresholdSearch()
    for batch in dataSet!.batches(ofSize: 256) {
      search.add(try logits(batch.texts).sigmoid(), labelSets: batch.labelSets)
    }
    return search.best
  }

  /// What to say of labels that training never showed; nil if there are none.
  var warning: String? {
    let unseen = texts.map { $0.labels.filter { known.index(of: $0) == nil } }.filter { !$0.isEmpty }
    guard !unseen.isEmpty else { return nil }
    let names = Set(unseen.joined()).sorted()
    let some = names.prefix(3).map(\.quoted).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    return "\(unseen.count) of \(texts.count) texts have a label that training never showed, and "
      + (haveOneLabel ? "count as wrong: \(some)" : "miss it: \(some)")
  }
}
