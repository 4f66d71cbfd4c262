import SliceGrad
import SliceGradMPI
import SliceGradText
import TestSupport
import Testing

// The code of ScalingOut.md; the first test compares the two.

func train(_ model: TextClassifier, on data: TextDataSet, _ world: Communicator) throws -> TextClassifier? {
  var model = try world.sharingRows(of: model)
  var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 0.1), sparse: SparseAdam(learningRate: 0.1))
  for batch in data.batches(ofSize: 4) {
    let (_, gradients) = try world.valueWithGradients(
      at: model, shards: batch.shards(8), lookups: [.bags(\.embedding.weight, \.texts)]
    ) { model, part in softmaxCrossEntropy(model(part.texts), part.labels) }
    optimizer.update(&model, with: gradients)
  }
  return try world.gathered(model)  // on rank 0
}

struct ScalingOutTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGradMPI/SliceGradMPI.docc/ScalingOut.md") }

  @Test("one rank and three train the same model")
  func sameModel() throws {
    let texts = (0..<10).map { LabeledText(label: $0 % 2 == 0 ? "even" : "odd", text: "number \($0) of ten") }
    let (features, labels) = (
      NGramFeatures(of: texts.map(\.text), .init(characterNGrams: 1...2, buckets: 50)), LabelVocabulary(of: texts)
    )
    let data = try TextDataSet(texts, features: features, labels: labels)
    var generator = RandomGenerator(seed: 1)
    let model = TextClassifier(
      embedding: EmbeddingBag(rows: features.rowCount, columns: 8, using: &generator),
      output: Dense(inputs: 8, outputs: labels.count, using: &generator))
    let models = try [1, 3].map { ranks in
      try Communicator.threads(ranks) { world in try train(model, on: data, world) }[0]!
    }
    #expect(models[0].embedding == models[1].embedding && models[0].output == models[1].output)
    #expect(models[0].embedding != model.embedding)
  }
}
