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
      let probabilities = self(batch.texts).value.softmax()
      return count
        + batch.labels.indices.count { probabilities.mostProbable(1, inRow: $0)[0].index == batch.labels[$0] }
    }
  }
}

extension Tensor {
  /// The classes with the largest probabilities in a row of `[texts, classes]`, most probable first.
  package func mostProbable(_ count: Int, inRow row: Int) -> [(index: Int32, probability: Scalar)] {
    let classes = shape[1]
    let row = elements[row * classes..<(row + 1) * classes]
    if count == 1 {
      let best = row.indices.max { row[$0] < row[$1] }!
      return [(Int32(best - row.startIndex), row[best])]
    }
    return row.indices.sorted { (row[$1], $0) < (row[$0], $1) }.prefix(count).map {
      (Int32($0 - row.startIndex), row[$0])
    }
  }
}
