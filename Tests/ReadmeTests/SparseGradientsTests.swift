import SliceGrad
import Testing

// The code of SparseGradients.md; the first test compares the two.

func trainAsAdamDoes(_ model: inout TextClassifier, on batches: [(texts: RaggedIndices, labels: [Int32])]) {
  var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(inactiveRows: .caughtUp))
  for batch in batches {
    optimizer.catchUp(&model, \.embedding, rows: batch.texts)  // the rows that this step reads
    let (_, gradients) = valueWithGradients(at: model) { model in
      softmaxCrossEntropy(model(batch.texts), batch.labels)
    }
    optimizer.update(&model, with: gradients)
  }
  optimizer.settle(&model)  // and now all others
}

struct SparseGradientsTests {
  @Test("the code of the article is the code here")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/SparseGradients.md") }

  @Test("its training is Adam's on the whole table")
  func trainsAsAdam() {
    let batches: [(texts: RaggedIndices, labels: [Int32])] = (0..<30).map { step in
      (texts: RaggedIndices([[step % 7, 3], [step % 5]]), labels: [Int32(step % 2), 1])
    }
    let start = untrainedModel(rows: 10, labels: 2)
    var (model, expected) = (start, start)
    trainAsAdamDoes(&model, on: batches)
    var optimizer = ModelOptimizer(for: expected, dense: Adam(), sparse: Densifying(Adam()))
    for batch in batches {
      let (_, gradients) = valueWithGradients(at: expected) { model in
        softmaxCrossEntropy(model(batch.texts), batch.labels)
      }
      optimizer.update(&expected, with: gradients)
    }
    let (table, whole) = (model.embedding.weight.value, expected.embedding.weight.value)
    #expect((table - whole).abs().max().scalar < 1e-5)
    #expect((table - start.embedding.weight.value).abs().max().scalar > 1e-3)
  }
}
