package import SliceGrad
package import SliceGradText

/// The mean of the vectors of a text's features, then a dense layer with one output a class.
package struct TextModel: Module {
  package var embedding: EmbeddingBag<Float>
  package var output: Dense<Float>

  package init(features: Int, dimensions: Int, classes: Int, using generator: inout RandomGenerator) {
    let embedding = EmbeddingBag<Float>(rows: features, columns: dimensions, using: &generator)
    self.init(embedding: embedding, classes: classes, using: &generator)
  }

  /// A model with a table to begin with.
  package init(embedding: EmbeddingBag<Float>, classes: Int, using generator: inout RandomGenerator) {
    let output = Dense<Float>(inputs: embedding.weight.columnCount, outputs: classes, using: &generator)
    self.init(embedding: embedding, output: output)
  }

  /// A model of parameters that were trained.
  package init(embedding: EmbeddingBag<Float>, output: Dense<Float>) {
    self.embedding = embedding
    self.output = output
  }

  /// The logits `[texts, classes]`.
  package func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    output(embedding(texts))
  }

  /// The rule for its table. A row would keep its momentum until it is seen again, which is stale by then, and one
  /// second moment for a row does as well as one for each of its numbers: the state is one number a row.
  package static func tableRule(learningRate: Double) -> SparseAdam<Float> {
    SparseAdam(learningRate: learningRate, beta1: 0, secondMoment: .perRow)
  }

  package mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }
}

extension TextModel {
  /// The mean of the vectors of each text's features, `[texts, columns]`.
  package func vectors(of texts: RaggedIndices) -> Tensor<Float> { embedding(texts).value }

  /// The most probable class of each text.
  package func classes(of texts: TextDataSet) -> [Int32] {
    texts.batches(ofSize: 256).flatMap { self($0.texts).value.argmax() }
  }

  /// The number of texts whose most probable class is the right one.
  package func correctCount(on texts: TextDataSet) -> Int {
    zip(classes(of: texts), texts.labels).count { $0 == $1 }
  }
}
