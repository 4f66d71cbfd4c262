import SliceGrad
import Testing

// The code of YourSequences.md; the first test compares the two.

/// From the words of texts to the logits of the word that follows each of them.
struct LanguageModel: Module {
  var words: Embedding<Float>
  var gru: GRU<Float>
  var output: Dense<Float>

  /// The row that stands before each text and after it.
  static let mark: Int32 = 0

  init(words count: Int, using generator: inout RandomGenerator) {
    words = Embedding(rows: count, columns: 16, using: &generator)
    gru = GRU(inputs: 16, hidden: 32, using: &generator)
    output = Dense(inputs: 32, outputs: count, using: &generator)
  }

  /// The logits `[n, words]` after each of n words.
  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> { output(gru(words(texts)).outputs.values) }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&gru, "gru")
    visit(&output, "output")
  }
}

/// The mean of −log the probability that the model gives to each next word, the end of a text included.
func loss(of model: LanguageModel, on texts: [[Int32]]) -> Variable<Float> {
  let before = RaggedIndices(texts.map { [LanguageModel.mark] + $0 })
  return softmaxCrossEntropy(model(before), texts.flatMap { $0 + [LanguageModel.mark] })
}

/// A new text of at most so many words, each drawn by its probability.
func newText(by model: LanguageModel, longest: Int, using generator: inout RandomGenerator) -> [Int32] {
  var (text, stepper) = ([Int32](), model.gru.stepper())
  while text.count < longest {
    let state = stepper(model.words([text.last ?? LanguageModel.mark]).value)
    let logits = model.output(Variable(state)).value
    let word = logits.drawClasses(temperature: 0.5, using: &generator)[0]
    if word == LanguageModel.mark { break }
    text.append(word)
  }
  return text
}

struct YourSequencesTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourSequences.md") }

  /// Words that count down from where they begin: after each comes the one before it, and 1 is the last.
  @Test func learnsToCount() {
    var generator = RandomGenerator(seed: 1)
    var model = LanguageModel(words: 5, using: &generator)
    let texts: [[Int32]] = (1...4).map { first in (1...first).reversed().map { Int32($0) } }
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: 0.02), sparse: SparseAdam(learningRate: 0.02))
    for _ in 0..<60 {
      let (_, gradients) = valueWithGradients(at: model) { model in loss(of: model, on: texts) }
      optimizer.update(&model, with: gradients)
    }
    // All is certain but the first word of four: 4 ln 4 for 14 words.
    #expect(loss(of: model, on: texts).scalar < 0.45)
    for _ in 0..<10 {
      let text = newText(by: model, longest: 9, using: &generator)
      #expect(texts.contains(text), "\(text)")
    }
  }
}
