import SliceGrad
import Testing

extension ThreadsTests {
  /// Steps in parts of a model with everything that parts add up in a way of its own: two tables, of which both leave
  /// out a row, parameters, running statistics, and dropout.
  @Test func partsWithTablesAndBuffers() {
    var generator = RandomGenerator(seed: 23)
    let start = NormedTexts(using: &generator)
    let texts = (0..<150).map { _ in generator.indices(count: 12, tableRows: 60) }
    expectSameBits("tables and buffers") {
      let tape = Tape<Float>(seed: 3)
      var (model, tensors) = (start, [Tensor<Float>]())
      var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
      for _ in 0..<2 {
        let (loss, gradients) = valueWithGradients(at: model, shards: texts.shards(8), on: tape) { $0.loss($1) }
        optimizer.update(&model, with: gradients)
        tensors.append(Tensor(loss))
      }
      #expect(model.bags.weight.value.row(7) == start.bags.weight.value.row(7))
      #expect(model.words.value.row(8) == start.words.value.row(8))
      #expect(model.norm.runningMean != start.norm.runningMean)
      return tensors + model.leaves.map(\.value)
    }
  }
}

private struct NormedTexts: Module {
  var bags: EmbeddingBag<Float>
  var words: EmbeddingTable<Float>
  var norm: BatchNorm<Float>
  var output: Dense<Float>

  init(using generator: inout RandomGenerator) {
    bags = EmbeddingBag(rows: 60, columns: 40, paddingIndex: 7, using: &generator)
    words = EmbeddingTable(Tensor(normal: [60, 40], using: &generator))
    norm = BatchNorm(features: 40)
    output = Dense(inputs: 40, outputs: 3, using: &generator)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&bags, "bags")
    visit(&words, "words")
    visit(&norm, "norm")
    visit(&output, "output")
  }

  func loss(_ texts: [[Int32]]) -> Variable<Float> {
    let firstWords = words.gather(texts.map { $0[0] }, paddingIndex: 8)
    let result = output(norm(bags(RaggedIndices(texts)) + firstWords).dropout(0.2))
    return softmaxCrossEntropy(result, texts.map { $0[1] % 3 })
  }
}
