import SliceGrad
import SliceGradText

/// A vector for each element of a text, an encoder, and a dense layer with one output a class.
struct SequenceModel: Module {
  var embedding: Embedding<Float>
  var encoder: TextEncoder
  var output: Dense<Float>
  let isStatic: Bool
  let dropout: Float
  let wordDropout: Float

  init(_ corpus: Corpus, _ options: Options, using generator: inout RandomGenerator) {
    embedding = Embedding(
      rows: corpus.vocabulary.rowCount, columns: options.dimensions, paddingIndex: corpus.vocabulary.paddingRow,
      standardDeviation: 0.1, using: &generator)
    // A word that training never shows keeps its first vector: one that says nothing.
    for column in 0..<options.dimensions { embedding.weight.value[Int(corpus.vocabulary.unknownRow), column] = 0 }
    encoder = TextEncoder(options, using: &generator)
    output = Dense(inputs: encoder.columnCount(options), outputs: corpus.labels.count, using: &generator)
    isStatic = options.isStatic
    (dropout, wordDropout) = (Float(options.dropout), Float(options.wordDropout))
  }

  /// The logits `[texts, classes]`.
  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    let elements = embedding(texts).map { vectors in
      (isStatic ? vectors.detached() : vectors).dropout(wordDropout, ofRowsInGroups: texts.values)
    }
    return output(encoder(elements).dropout(dropout))
  }

  /// The share of the texts whose most probable class is the right one.
  func accuracy(on texts: TextDataSet) -> Double {
    let correct = texts.batches(ofSize: 64).reduce(0) { count, batch in
      count + zip(self(batch.texts).value.argmax(), batch.labels).count { $0 == $1 }
    }
    return Double(correct) / Double(texts.count)
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&encoder, "encoder")
    visit(&output, "output")
  }
}
