import SliceGrad

/// From the words of sentences to tags: the mean of the vectors of a word's features, an LSTM in both directions, a
/// score for each tag, and a conditional random field or a softmax of each word alone.
struct TaggerModel: Module {
  var features: EmbeddingBag<Float>
  var lstm: LSTM<Float>
  var output: Dense<Float>
  var field: ConditionalRandomField<Float>?
  let dropout: Dropout<Float>

  init(features: Int, tags: Int, _ options: Options, using generator: inout RandomGenerator) {
    self.features = EmbeddingBag(weight: Tensor(normal: [features, options.dimensions], using: &generator))
    lstm = LSTM(inputs: options.dimensions, hidden: options.hidden, isBidirectional: true, using: &generator)
    output = Dense(inputs: 2 * options.hidden, outputs: tags, using: &generator)
    field = options.model == .crf ? ConditionalRandomField(tags: tags, using: &generator) : nil
    dropout = Dropout(Float(options.dropout))
  }

  /// The scores of the tags of each word, `[n, tags]`.
  func emissions(_ sentences: EncodedSentences) -> Sequences<Float> {
    let words = Sequences(values: dropout(features(sentences.words)), rowSplits: sentences.rowSplits)
    return lstm(words).outputs.map { output(dropout($0)) }
  }

  func loss(_ sentences: EncodedSentences) -> Variable<Float> {
    let emissions = emissions(sentences)
    guard let field else { return softmaxCrossEntropy(emissions.values, sentences.tags) }
    return field.negativeLogLikelihood(emissions, sentences.tags)
  }

  /// The tags of each word: the best of their sentence or, without a field, the best of each word.
  func bestTags(_ sentences: EncodedSentences) -> [Int32] {
    let emissions = emissions(sentences)
    return field?.bestTags(emissions).tags.values ?? emissions.values.value.argmax()
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&features, "features")
    visit(&lstm, "lstm")
    visit(&output, "output")
    visit(&field, "field")
  }
}

/// Sentences as a model takes them.
struct EncodedSentences {
  /// For each word of all sentences the rows of its features.
  let words: RaggedIndices
  /// Where the sentences begin and end.
  let rowSplits: [Int32]
  /// The tag of each word, `[n]`.
  let tags: [Int32]

  var count: Int { rowSplits.count - 1 }

  /// The words of a sentence.
  func range(_ sentence: Int) -> Range<Int> { Int(rowSplits[sentence])..<Int(rowSplits[sentence + 1]) }

  /// Some of the sentences, by their numbers.
  func sentences(_ numbers: ArraySlice<Int>) -> EncodedSentences {
    let places = numbers.flatMap { Array(range($0)) }
    let splits = numbers.reduce(into: [0] as [Int32]) { $0.append($0.last! + Int32(range($1).count)) }
    return EncodedSentences(words: words.bags(places[...]), rowSplits: splits, tags: places.map { tags[$0] })
  }
}
