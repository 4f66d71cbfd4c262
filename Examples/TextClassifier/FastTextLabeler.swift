import ExampleParts
import SliceGrad
import SliceGradText

extension FastTextModel: TextLabeler {
  /// The classifier in a file of fastText's; nil if the file is another one. Throws for a model without labels.
  static func classifier(_ file: String) throws(DataError) -> FastTextModel? {
    guard recognizes(file) else { return nil }
    let model = try FastTextModel(file)
    guard !model.labels.isEmpty else {
      throw DataError(
        at: TextLocation(path: file), found: "a model of word vectors, without labels", expected: "a classifier")
    }
    return model
  }

  var loss: Loss { hasIndependentLabels ? .independent : .softmax }

  /// As in fastText, a text gets one label if the user says nothing, also where they are independent.
  func choice(top: Int?, threshold: Double?) -> LabelChoice {
    LabelChoice(loss, top: top ?? (threshold == nil ? 1 : nil), threshold: threshold)
  }

  func mostProbable(_ count: Int, of texts: [String]) -> [[(label: String, probability: Float)]] {
    texts.map { mostProbable(count, for: $0) }
  }

  /// What it takes texts for.
  func evaluation(on texts: [LabeledText]) -> Evaluation {
    let best = mostProbable(1, of: texts.map(\.text)).map(\.first)
    // A text of which the model knows nothing is taken for none of its labels.
    let noLabel = "(no label)"
    let names = labels + (best.contains { $0 == nil } ? [noLabel] : [])
    let places = [Spelling: Int32](uniqueKeysWithValues: zip(names.map { Spelling($0) }, 0...))
    return Evaluation(
      labels: names, truths: texts.map(\.label), classes: best.map { places[Spelling($0?.label ?? noLabel)]! },
      probabilities: best.map { $0.flatMap { $0.probability.isNaN ? nil : $0.probability } ?? 0 })
  }

  /// The words by their vectors. Of others, those are known that are made of n-grams.
  func wordSpace() throws(DataError) -> WordSpace {
    let (vocabulary, table) = try wordVectors()
    return WordSpace(vocabulary, table.value) { vector(of: $0)?.reshaped(to: [1, dimensions]) }
  }
}

extension CommandOptions {
  /// The model of fastText's that is asked for; nil if the file is another one.
  func fastTextModel() throws -> FastTextModel? {
    let file = try loadedFile()
    return FastTextModel.recognizes(file) ? try FastTextModel(file) : nil
  }
}
