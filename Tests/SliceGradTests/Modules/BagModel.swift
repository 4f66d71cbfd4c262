import SliceGrad

/// A model with both kinds of leaves for tests: a bag of table rows, and a linear layer over it.
struct BagModel<Scalar: TensorScalar>: Module, Equatable {
  var embedding: EmbeddingBag<Scalar>
  var output: Dense<Scalar>

  init(rows: Int = 6, columns: Int = 3, classes: Int = 4, seed: UInt64 = 1) {
    var generator = RandomGenerator(seed: seed)
    embedding = EmbeddingBag(weight: Tensor(normal: [rows, columns], using: &generator))
    output = Dense(inputs: columns, outputs: classes, using: &generator)
  }

  func callAsFunction(_ bags: RaggedIndices) -> Variable<Scalar> {
    output(embedding(bags))
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&embedding, "embedding")
    visit(&output, "output")
  }

  /// The loss of some bags with labels.
  func loss(_ bags: [[Int32]], _ labels: [Int32]) -> Variable<Scalar> {
    softmaxCrossEntropy(self(RaggedIndices(bags)), labels)
  }
}

/// Dense layers in a list, which may have any length: models of one type with different numbers of leaves.
func layers(_ count: Int) -> [Dense<Float>] {
  var generator = RandomGenerator(seed: 1)
  return (0..<count).map { _ in Dense<Float>(inputs: 1, outputs: 1, using: &generator) }
}
