import SliceGrad

/// A conditional random field and what it is given, as parameters, so that all of it has gradients.
struct TaggedEmissions<Scalar: TensorScalar>: Module, Sendable {
  var emissions: Parameter<Scalar>
  var field: ConditionalRandomField<Scalar>
  let tags: RaggedIndices

  init(emissions: Tensor<Scalar>, field: ConditionalRandomField<Scalar>, tags: RaggedIndices) {
    (self.emissions, self.field, self.tags) = (Parameter(emissions), field, tags)
  }

  /// Random numbers: for sequences of these lengths, emissions, tags and scores of k tags.
  init(lengths: [Int], tags k: Int, size: Scalar = 1, using generator: inout RandomGenerator) {
    let n = lengths.reduce(0, +)
    tags = RaggedIndices(lengths.map { generator.indices(count: $0, tableRows: k) })
    emissions = Parameter(generator.tensor([n, k]) * size)
    let (start, end) = (generator.tensor([k], of: Scalar.self), generator.tensor([k], of: Scalar.self))
    field = ConditionalRandomField(
      transitions: generator.tensor([k, k], of: Scalar.self) * size, start: start * size, end: end * size)
  }

  var sequences: Sequences<Scalar> { Sequences(values: emissions.variable, rowSplits: tags.rowSplits) }

  func loss(_ reduction: LossReduction = .sum) -> Variable<Scalar> {
    field.negativeLogLikelihood(sequences, tags, reduction: reduction)
  }

  /// The loss of each sequence, and the gradients of their sum: of emissions, transitions, start and end.
  func lossesWithGradients() -> (losses: Tensor<Scalar>, gradients: [Tensor<Scalar>]) {
    let gradients = valueWithGradients(at: self) { $0.loss() }.gradients
    return (
      loss(.none).value,
      [
        gradients[\.emissions, in: self]!, gradients[\.field.transitions, in: self]!,
        gradients[\.field.start, in: self]!, gradients[\.field.end, in: self]!,
      ]
    )
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&emissions, "emissions")
    visit(&field, "field")
  }
}
