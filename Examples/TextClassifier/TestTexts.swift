import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// Texts that a classifier never saw.
struct TestTexts {
  let texts: [LabeledText]
  /// nil for a model of fastText's, which reads the texts itself.
  private let features: NGramFeatures?
  /// The labels that training showed.
  let known: LabelVocabulary
  /// The texts as bags of table rows, if these are kept.
  private(set) var dataSet: TextDataSet?

  /// - Parameter keepsRows: whether they are encoded now, to be tested with again and again. Otherwise some at a time
  ///   are, whenever they are tested with.
  init(_ texts: [LabeledText], features: NGramFeatures?, labels: LabelVocabulary, keepsRows: Bool = false) {
    (self.texts, self.features, known) = (texts, features, labels)
    if keepsRows { dataSet = encoded(texts[...]) }
  }

  /// Texts to test a classifier with, as rows of its own table.
  init(_ texts: [LabeledText], for classifier: Classifier) {
    self.init(texts, features: classifier.features, labels: classifier.labels)
  }

  private func encoded(_ texts: ArraySlice<LabeledText>) -> TextDataSet {
    let labelSets = texts.map { text in text.labels.map { known.index(of: $0) ?? Self.unseenClass } }
    return TextDataSet(texts.map(\.text), features: features!, labelSets: RaggedIndices(labelSets))
  }

  /// The texts as bags of table rows, in parts of which one at a time is in memory unless they are kept.
  private var parts: AnySequence<TextDataSet> {
    if let dataSet { return AnySequence([dataSet]) }
    let size = 1024
    return AnySequence(
      stride(from: 0, to: texts.count, by: size).lazy.map { start in
        encoded(texts[start..<min(start + size, texts.count)])
      })
  }

  /// Batches of the texts in their order.
  private var batches: some Sequence<TextBatch> { parts.lazy.flatMap { $0.batches(ofSize: 256) } }

  /// The class of a label that training never showed. No text is ever taken for one of it.
  private static let unseenClass: Int32 = -1

  /// Whether each has one label only.
  var haveOneLabel: Bool { texts.haveOneLabel }

  /// How good the labels are that a model gives to them. It is known by the logits that it gives to texts.
  func scores(
    _ loss: Loss, _ choice: LabelChoice, logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> LabelScores {
    let given = try batches.flatMap { batch in
      choice(try logits(batch.texts), loss).map { $0.map(\.label) }
    }
    return LabelScores(of: given, for: texts, known: known)
  }

  /// What a model takes the texts for, each of which has one label.
  func evaluation(logits: (RaggedIndices) throws -> Tensor<Float>) rethrows -> Evaluation {
    var (classes, probabilities): ([Int32], [Float]) = ([], [])
    for batch in batches {
      let logits = try logits(batch.texts)
      classes += logits.argmax()
      probabilities += logits.softmax().max(over: [1]).elements
    }
    return Evaluation(
      labels: known.labels, truths: texts.map(\.label), classes: classes, probabilities: probabilities)
  }

  /// How good a model is, in one number: the share of the texts whose most probable label they have, or the micro F1 of
  /// independent labels of a probability or more, of the one that does best if none is named. The model is known by the
  /// logits that it gives to texts.
  func score(
    _ loss: Loss, threshold: Double? = nil, logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> (name: String, value: Double) {
    guard loss == .softmax else {
      guard let threshold else { return ("micro F1", try bestThreshold(logits: logits).f1) }
      return ("micro F1", try scores(loss, LabelChoice(loss, threshold: threshold), logits: logits).total.f1 ?? 0)
    }
    let classes = try batches.flatMap { try logits($0.texts).argmax() }
    let right = zip(texts, classes).count { text, found in
      text.labels.contains { known.index(of: $0) == found }
    }
    return ("accuracy", Double(right) / Double(texts.count))
  }

  /// The probability from which on a model gives independent labels best, and the micro F1 then.
  func bestThreshold(
    logits: (RaggedIndices) throws -> Tensor<Float>
  ) rethrows -> (threshold: Double, f1: Double) {
    var search = ThresholdSearch()
    for batch in batches {
      search.add(try logits(batch.texts).sigmoid(), labelSets: batch.labelSets)
    }
    return search.best
  }

  /// The labels that training never showed, of each text that has some.
  private var unseenLabels: [[String]] {
    texts.map { $0.labels.filter { known.index(of: $0) == nil } }.filter { !$0.isEmpty }
  }

  /// How many texts have a label that training never showed.
  var countWithUnseenLabels: Int { unseenLabels.count }

  /// What to say of labels that training never showed; nil if there are none.
  var warning: String? {
    let unseen = unseenLabels
    guard !unseen.isEmpty else { return nil }
    let names = Set(unseen.joined().map { Spelling($0) }).sorted().map(\.text)
    let some = names.prefix(3).map(\.quoted).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    let (have, count, miss) = unseen.count == 1 ? ("has", "counts", "misses") : ("have", "count", "miss")
    return "\(unseen.count) of \("text".counted(texts.count)) \(have) a label that training never showed, and "
      + (haveOneLabel ? "\(count) as wrong: \(some)" : "\(miss) it: \(some)")
  }
}

extension [LabeledText] {
  /// Whether each has one label only.
  var haveOneLabel: Bool { allSatisfy(\.otherLabels.isEmpty) }
}
