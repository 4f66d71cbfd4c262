import SliceGrad
import Testing

// The code of YourTagger.md; the first test compares the two.

/// A tag for each word of a sentence, by the word, those around it, and the tags of its neighbours.
struct WordTagger: Module {
  var words: Embedding<Float>
  var gru: GRU<Float>
  var output: Dense<Float>
  var field: ConditionalRandomField<Float>

  init(words count: Int, tags: Int, using generator: inout RandomGenerator) {
    words = Embedding(rows: count, columns: 16, using: &generator)
    gru = GRU(inputs: 16, hidden: 16, isBidirectional: true, using: &generator)
    output = Dense(inputs: 32, outputs: tags, using: &generator)
    field = ConditionalRandomField(tags: tags, using: &generator)
  }

  /// The scores of all tags for each word, without regard to neighbouring tags.
  func scores(_ sentences: RaggedIndices) -> Sequences<Float> {
    gru(words(sentences)).outputs.map { output($0) }
  }

  /// The loss of the right tags, which are as many as there are words.
  func loss(_ sentences: RaggedIndices, _ tags: RaggedIndices) -> Variable<Float> {
    field.negativeLogLikelihood(scores(sentences), tags)
  }

  /// The best tags of each sentence.
  func tags(_ sentences: RaggedIndices) -> RaggedIndices { field.bestTags(scores(sentences)).tags }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&gru, "gru")
    visit(&output, "output")
    visit(&field, "field")
  }
}

struct YourTaggerTests {
  @Test("the article on tagging is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourTagger.md") }

  /// A word has another tag where it comes second.
  @Test func learnsToTag() {
    var generator = RandomGenerator(seed: 2)
    var tagger = WordTagger(words: 3, tags: 2, using: &generator)
    let sentences = RaggedIndices([[0, 1, 1], [2, 1], [1], [1, 1, 0]])
    let tags = RaggedIndices(values: [0, 1, 0, 0, 1, 0, 0, 1, 0], rowSplits: sentences.rowSplits)
    var optimizer = ModelOptimizer(
      for: tagger, dense: Adam(learningRate: 0.02), sparse: SparseAdam(learningRate: 0.02))
    for _ in 0..<40 {
      let (_, gradients) = valueWithGradients(at: tagger) { tagger in tagger.loss(sentences, tags) }
      optimizer.update(&tagger, with: gradients)
    }
    #expect(tagger.tags(sentences) == tags)

    // What the article says in its last paragraphs.
    let (loss, _) = valueWithGradients(at: tagger) { $0.loss(sentences, tags) }
    let wordByWord = softmaxCrossEntropy(tagger.scores(sentences).values, tags.values)
    #expect(loss < 0.5 && wordByWord.scalar > 0)
  }
}
