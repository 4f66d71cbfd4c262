import SliceGrad
import SliceGradText
import Testing

// The code of README.md's section on texts in their order.

/// A vector for each word, read in both directions; what stands out most in a text decides.
struct Reader: Module {
  var words: Embedding<Float>
  var states: GRU<Float>
  var output: Dense<Float>

  init(_ vocabulary: WordVocabulary, labels: Int, using generator: inout RandomGenerator) {
    words = Embedding(rows: vocabulary.rowCount, columns: 50, using: &generator)
    states = GRU(inputs: 50, hidden: 64, isBidirectional: true, using: &generator)
    output = Dense(inputs: 128, outputs: labels, using: &generator)
  }

  /// Texts of different lengths, as `vocabulary.encode(texts)` has them.
  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    output(states(words(texts)).outputs.max())
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&states, "states")
    visit(&output, "output")
  }
}

struct TextsInOrderTests {
  /// Of two texts with the same words only their order says which is which.
  @Test func theOrderCounts() {
    let texts = ["dog bites man", "man bites dog", "the dog bites a man", "the man bites a dog"]
    let labels: [Int32] = [0, 1, 0, 1]
    let vocabulary = WordVocabulary(of: texts)
    var generator = RandomGenerator(seed: 1)
    var reader = Reader(vocabulary, labels: 2, using: &generator)
    let rows = vocabulary.encode(texts)
    var optimizer = ModelOptimizer(
      for: reader, dense: Adam(learningRate: 0.01), sparse: SparseAdam(learningRate: 0.01))
    for _ in 0..<30 {
      let (_, gradients) = valueWithGradients(at: reader) { reader in softmaxCrossEntropy(reader(rows), labels) }
      optimizer.update(&reader, with: gradients)
    }
    #expect(reader(rows).value.argmax() == labels)
    // A word that training never saw is one like all others of that kind.
    #expect(reader(vocabulary.encode(["a dog bites the mailman"])).value.argmax() == [0])
  }
}
