import SliceGrad

/// A model with parts of parts, a table, and a layer with and one without a bias.
struct NestedModel<Scalar: TensorScalar>: Module {
  var embedding: EmbeddingBag<Scalar>
  var layers: Sequential<Dense<Scalar>>
  var scale = Parameter<Scalar>(Tensor(1))

  init(rows: Int = 5, columns: Int = 3, hasBias: Bool = true, seed: UInt64 = 1) {
    var generator = RandomGenerator(seed: seed)
    embedding = EmbeddingBag(rows: rows, columns: columns, using: &generator)
    layers = Sequential(
      Dense(inputs: columns, outputs: 2, hasBias: false, using: &generator), Activation { $0.relu() },
      Dense(inputs: 2, outputs: 2, hasBias: hasBias, using: &generator))
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&embedding, "embedding")
    visit(&layers, "layers")
    visit(&scale, "scale")
  }

  /// The bits of all parameters.
  var bits: [Scalar.RawSignificand] {
    leaves.flatMap { leaf in
      leaf.value.elements.flatMap { number in
        [number.sign == .plus ? 0 : 1, Scalar.RawSignificand(number.exponentBitPattern), number.significandBitPattern]
      }
    }
  }
}
