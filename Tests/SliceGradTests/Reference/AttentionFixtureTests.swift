import SliceGrad
import Testing

/// Attention and blocks of transformers with PyTorch's parameters: outputs, and the gradients of elements and
/// parameters when the output's gradient is `upstream`. PyTorch takes the sequences padded and under masks.
struct AttentionFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let op: String
    let splits: [Int32]
    let otherSplits: [Int32]?
    let isCausal: Bool
    let heads: Int
    let activation: String?
    let normFirst: Bool?
    /// Those of the parameters, which are the last inputs.
    let names: [String]
    let inputs: [NestedNumbers]
    let output: NestedNumbers
    let upstream: NestedNumbers
    let gradients: [NestedNumbers]

    var description: String {
      "\(op), \(heads) heads, \(activation ?? "")\(isCausal ? ", causal" : "")\(normFirst == true ? ", norms first" : "")"
    }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "attention").count == 20)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "attention"))
  func outputAndGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    var generator = RandomGenerator(seed: 1)
    let isCausal = fixture.isCausal
    switch fixture.op {
    case "self", "cross":
      let layer = MultiHeadAttention<Double>(columns: 4, heads: fixture.heads, using: &generator)
      try fixture.check(layer) { layer, sequences in
        sequences.count == 1
          ? layer(sequences[0], isCausal: isCausal)
          : layer(sequences[0], attendingTo: sequences[1], isCausal: isCausal)
      }
    case "block":
      let activations: [String: TransformerBlock<Double>.Nonlinearity] = ["relu": .relu, "gelu": .gelu]
      guard let activation = activations[fixture.activation ?? ""], let isNormFirst = fixture.normFirst else {
        throw UnknownInFixture(fixture.description)
      }
      let block = TransformerBlock<Double>(
        columns: 4, heads: fixture.heads, hidden: 5, activation: activation, isNormFirst: isNormFirst,
        using: &generator)
      try fixture.check(block) { block, sequences in block(sequences[0], isCausal: isCausal) }
    default: throw UnknownInFixture(fixture.op)
    }
  }
}

extension AttentionFixtureTests.Case {
  /// Checks a layer, after it has been given the parameters. A step of plain descent with a rate of 1 shows all
  /// gradients.
  fileprivate func check<Layer: Module<Double>>(
    _ layer: Layer, apply: (Layer, [Sequences<Double>]) -> Sequences<Double>
  ) throws {
    let tensors = inputs.map(\.tensor)
    let elementCount = tensors.count - names.count
    var model = Given(elements: tensors.prefix(elementCount).map { Parameter($0) }, layer: layer)
    try #require(model.layer.parameterNames == names)
    model.layer.forEachParameter { name, value in value = tensors[elementCount + names.firstIndex(of: name)!] }

    var found = Tensor<Double>(zeros: [])
    let gradients = valueWithGradients(at: model) { model in
      let sequences = zip(model.elements, [splits, otherSplits ?? []]).map {
        Sequences(values: $0.variable, rowSplits: $1)
      }
      let result = apply(model.layer, sequences)
      #expect(result.rowSplits == splits)
      found = result.values.value
      return (result.values * Variable(upstream.tensor)).sum()
    }.gradients
    expectAgreement(found, output.tensor, "the output")

    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    var after = model
    optimizer.update(&after, with: gradients)
    let values = [model, after].map { $0.leaves.map(\.value) }
    #expect(values[0].count == self.gradients.count)
    for (i, expected) in self.gradients.enumerated() {
      expectAgreement(values[0][i] - values[1][i], expected.tensor, "the gradient of \(model.leaves[i].name)")
    }
  }
}

/// Elements of sequences, and the layer that takes them.
private struct Given<Layer: Module<Double>>: Module {
  typealias Scalar = Double
  var elements: [Parameter<Double>]
  var layer: Layer

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&elements, "elements")
    visit(&layer, "layer")
  }
}
