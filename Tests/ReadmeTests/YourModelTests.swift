import SliceGrad
import Testing

// The code of YourModel.md; the first test compares the two.

struct NextWord: Module {
  var words: EmbeddingTable<Float>
  var blocks: [Block<Float>]
  var dropout = Dropout<Float>(0.1)

  init(words: Int, columns: Int, using generator: inout RandomGenerator) {
    self.words = EmbeddingTable(Tensor(normal: [words, columns], standardDeviation: 0.1, using: &generator))
    blocks = (0..<2).map { _ in Block(size: columns, using: &generator) }
  }

  /// Scores of all words, `[n, words]`, after n lists of words.
  func callAsFunction(_ before: [[Int32]]) -> Variable<Float> {
    var state = words.gather(before).mean(over: [1])
    for block in blocks { state = dropout(block(state)) }
    return state.matmul(words.variable, transposeRight: true)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&words, "words")
    visit(&blocks, "blocks")
  }
}

func accuracies(training model: inout NextWord, steps: Int, before: [[Int32]], next: [Int32]) -> [Double] {
  let tape = Tape<Float>(seed: 1)
  var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 1e-2), sparse: SparseAdam(learningRate: 1e-2))
  return (0..<steps).map { _ in
    let (_, scores, gradients) = valueWithGradients(at: model, on: tape) { model in
      let scores = model(before)
      return (softmaxCrossEntropy(scores, next), scores.value)
    }
    optimizer.update(&model, with: gradients)
    return Double(zip(scores.argmax(), next).count { $0 == $1 }) / Double(next.count)
  }
}

struct YourModelTests {
  @Test("the article on models is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourModel.md") }

  @Test("its model learns which word comes next, with names for all parameters")
  func modelLearns() {
    var generator = RandomGenerator(seed: 1)
    var model = NextWord(words: 6, columns: 8, using: &generator)
    #expect(model.parameterNames[..<3] == ["words", "blocks.0.norm.weight", "blocks.0.norm.bias"])
    let before: [[Int32]] = [[0, 1], [1, 2], [3, 4], [4, 0]]
    let accuracies = accuracies(training: &model, steps: 200, before: before, next: [2, 3, 5, 1])
    #expect(accuracies.last == 1)
  }
}
