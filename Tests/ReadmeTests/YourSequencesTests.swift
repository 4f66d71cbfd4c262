import SliceGrad
import Testing

// The code of YourSequences.md; the first test compares the two.

/// From the words of texts to the logits of the word that follows each of them.
struct LanguageModel: Module {
  var words: Embedding<Float>
  var states: GRU<Float>
  var output: Dense<Float>

  init(words count: Int, using generator: inout RandomGenerator) {
    words = Embedding(rows: count, columns: 16, using: &generator)
    states = GRU(inputs: 16, hidden: 32, using: &generator)
    output = Dense(inputs: 32, outputs: count, using: &generator)
  }

  /// The logits `[n, words]` after each of the n words of some texts, and the states after their last ones.
  func callAsFunction(
    _ texts: RaggedIndices, after states: Variable<Float>? = nil
  ) -> (logits: Variable<Float>, states: Variable<Float>) {
    let (outputs, final) = self.states(words(texts), initial: states)
    return (output(outputs.values), final)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&states, "states")
    visit(&output, "output")
  }
}

/// The mean over all words of −log the probability that the model gives to the one that follows.
func loss(of model: LanguageModel, on texts: [[Int32]]) -> Variable<Float> {
  let before = RaggedIndices(texts.map { Array($0.dropLast()) })
  return softmaxCrossEntropy(model(before).logits, texts.flatMap { $0.dropFirst() })
}

/// So many words after a text, each drawn by its probability. The states are handed on from word to word.
func continuation(
  of text: [Int32], count: Int, by model: LanguageModel, using generator: inout RandomGenerator
) -> [Int32] {
  var (read, new, states): ([Int32], [Int32], Variable<Float>?) = (text, [], nil)
  for _ in 0..<count {
    let (logits, next) = model(RaggedIndices([read]), after: states)
    let last = logits.value.slice(read.count - 1..<read.count, axis: 0)
    read = last.drawClasses(temperature: 0.5, topK: 3, using: &generator)
    (new, states) = (new + read, next)
  }
  return new
}

struct YourSequencesTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourSequences.md") }

  /// Words that count: after each comes the next one, and after the last the first.
  @Test func learnsToCount() {
    var generator = RandomGenerator(seed: 1)
    var model = LanguageModel(words: 5, using: &generator)
    let texts = [3, 7, 5, 2].map { length in (0..<length).map { Int32(($0 + length) % 5) } }
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: 0.02), sparse: SparseAdam(learningRate: 0.02))
    for _ in 0..<40 {
      let (_, gradients) = valueWithGradients(at: model) { model in loss(of: model, on: texts) }
      optimizer.update(&model, with: gradients)
    }
    // The perplexity: among how many words the model hesitates.
    #expect(loss(of: model, on: texts).exp().scalar < 1.2)
    #expect(continuation(of: [0, 1], count: 6, by: model, using: &generator) == [2, 3, 4, 0, 1, 2])
  }
}
