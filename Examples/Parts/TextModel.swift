package import SliceGrad
package import SliceGradText

/// The mean of the vectors of a text's features, then a dense layer with one output a class.
package struct TextModel: Module {
  package var embedding: EmbeddingBag<Float>
  package var output: Dense<Float>

  package init(features: Int, dimensions: Int, classes: Int, using generator: inout RandomGenerator) {
    embedding = EmbeddingBag(rows: features, columns: dimensions, using: &generator)
    output = Dense(inputs: dimensions, outputs: classes, using: &generator)
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

  package mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }
}

extension TextModel {
  /// The number of texts whose most probable class is the right one.
  package func correctCount(on texts: TextDataSet) -> Int {
    texts.batches(ofSize: 256).reduce(0) { count, batch in
      count + zip(self(batch.texts).value.argmax(), batch.labels).count { $0 == $1 }
    }
  }
}
