import SliceGrad
import SliceGradText
import Testing

// The code of README.md's section on texts in their order.

/// A vector for each word, a GRU in both directions, and the maximum over all words as input of the output layer.
struct Reader: Module {
  var words: Embedding<Float>
  var gru: GRU<Float>
  var output: Dense<Float>

  init(words count: Int, labels: Int, using generator: inout RandomGenerator) {
    words = Embedding(rows: count, columns: 50, using: &generator)
    gru = GRU(inputs: 50, hidden: 64, isBidirectional: true, using: &generator)
    output = Dense(inputs: 128, outputs: labels, using: &generator)
  }

  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    output(gru(words(texts)).outputs.max())
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&gru, "gru")
    visit(&output, "output")
  }
}

func reader(trainedOn examples: [LabeledText]) throws -> (_ texts: [String]) -> [String] {
  let vocabulary = WordVocabulary(of: examples.map(\.text), minimumCount: 2)  // rarer words are unknown
  let labels = LabelVocabulary(of: examples)
  let data = TextDataSet(texts: vocabulary.encode(examples.map(\.text)), labels: try labels.indices(of: examples))
  var generator = RandomGenerator(seed: 1)
  var reader = Reader(words: vocabulary.rowCount, labels: labels.count, using: &generator)
  var optimizer = ModelOptimizer(for: reader, dense: Adam(learningRate: 0.01), sparse: SparseAdam(learningRate: 0.01))
  for _ in 0..<20 {
    for batch in data.shuffledBatches(ofSize: 32, using: &generator) {
      let (_, gradients) = valueWithGradients(at: reader) { reader in
        softmaxCrossEntropy(reader(batch.texts), batch.labels)
      }
      optimizer.update(&reader, with: gradients)
    }
  }
  return { [reader] texts in reader(vocabulary.encode(texts)).value.argmax().map { labels[$0] } }
}

struct TextsInOrderTests {
  /// Of two texts with the same words only their order says which is which.
  @Test func theOrderCounts() throws {
    let texts = ["dog bites man", "man bites dog", "the dog bites a man", "the man bites a dog"]
    let examples = (0..<40).map { LabeledText(label: $0 % 2 == 0 ? "usual" : "news", text: texts[$0 % 4]) }
    let labels = try reader(trainedOn: examples)
    #expect(labels(texts) == ["usual", "news", "usual", "news"])
    // A word that training never saw is one like all others of that kind.
    #expect(labels(["a dog bites the mailman", ""]).count == 2)
  }
}
