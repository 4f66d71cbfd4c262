import SliceGrad

/// A model with parts of parts, a table, and a layer with and one without a bias.
struct NestedModel<Scalar: TensorScalar>: Module {
  var embedding: EmbeddingBag<Scalar>
  var layers: Sequential<Scalar>
  var scale = Parameter<Scalar>(Tensor(1))

  init(rows: Int = 5, columns: Int = 3, hasBias: Bool = true, seed: UInt64 = 1) {
    var generator = RandomGenerator(seed: seed)
    embedding = EmbeddingBag(rows: rows, columns: columns, using: &generator)
    layers = Sequential(
      Dense(inputs: columns, outputs: 2, hasBias: false, using: &generator), Activation { $0.relu() },
      Dense(inputs: 2, outputs: 2, hasBias: hasBias, using: &generator))
  }

  mutating func visitParameters(_ visitor: inout some ParameterVisitor<Scalar>) {
    visitor.visit(&embedding, "embedding")
    visitor.visit(&layers, "layers")
    visitor.visit(&scale, "scale")
  }

  /// The bits of all parameters.
  var bits: [Scalar.RawSignificand] {
    var (model, collecting) = (self, BitCollecting<Scalar>())
    model.visitParameters(&collecting)
    return collecting.bits
  }
}

private struct BitCollecting<Scalar: TensorScalar>: ParameterVisitor {
  var bits: [Scalar.RawSignificand] = []

  mutating func visit(_ parameter: inout Parameter<Scalar>, _ name: String) { collect(parameter.value) }
  mutating func visit(_ table: inout EmbeddingTable<Scalar>, _ name: String) { collect(table.value) }

  private mutating func collect(_ tensor: Tensor<Scalar>) {
    for number in tensor.elements {
      bits += [
        number.sign == .plus ? 0 : 1, Scalar.RawSignificand(number.exponentBitPattern), number.significandBitPattern,
      ]
    }
  }
}
