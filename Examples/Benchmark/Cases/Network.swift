import SliceGrad

/// Two dense layers with relu between them.
struct Network: Module {
  var hidden: Dense<Float>
  var output: Dense<Float>

  init(inputs: Int, hidden hiddenCount: Int, outputs: Int, using generator: inout RandomGenerator) {
    hidden = Dense(inputs: inputs, outputs: hiddenCount, using: &generator)
    output = Dense(inputs: hiddenCount, outputs: outputs, using: &generator)
  }

  func callAsFunction(_ input: Variable<Float>) -> Variable<Float> { output(hidden(input).relu()) }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&hidden, "hidden")
    visit(&output, "output")
  }
}

/// The mean of the vectors of a text's tokens, then a network.
struct Classifier: Module {
  var embedding: EmbeddingBag<Float>
  var network: Network

  func callAsFunction(_ texts: RaggedIndices) -> Variable<Float> {
    network(embedding(texts))
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&embedding, "embedding")
    visit(&network, "network")
  }
}
