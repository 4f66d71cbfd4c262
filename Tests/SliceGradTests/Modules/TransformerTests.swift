import SliceGrad
import Testing

/// `MultiHeadAttention` and `TransformerBlock`: their parameters' names and first values, and that their gradients are
/// right. What they compute is compared with PyTorch in `AttentionFixtureTests`.
@Suite struct TransformerTests {
  @Test func firstWeights() {
    var generator = RandomGenerator(seed: 1)
    let layer = MultiHeadAttention<Double>(columns: 30, heads: 3, using: &generator)
    #expect(layer.parameterNames == ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
    #expect(layer.inputWeight.value.shape == [90, 30] && layer.inputBias.value == Tensor(zeros: [90]))
    #expect(layer.output.weight.value.shape == [30, 30] && layer.output.bias?.value == Tensor(zeros: [30]))
    for (weight, bound) in [(layer.inputWeight, 6.0 / 120), (layer.output.weight, 1.0 / 30)] {
      let largest = weight.value.abs().max().scalar
      #expect(largest < bound.squareRoot() && largest > 0.95 * bound.squareRoot())
    }
  }

  @Test func attentionGradients() {
    var generator = RandomGenerator(seed: 2)
    let layer = MultiHeadAttention<Double>(columns: 4, heads: 2, using: &generator)
    let (x, y) = (generator.tensor([4, 4], of: Double.self), generator.tensor([3, 4], of: Double.self))
    let checks = [
      checkGradients(at: layer) { layer in
        layer(Sequences(values: Variable(x), rowSplits: [0, 1, 1, 4]), isCausal: true).values
      },
      checkGradients(at: layer) { layer in
        layer(
          Sequences(values: Variable(x), rowSplits: [0, 1, 3, 4]),
          attendingTo: Sequences(values: Variable(y), rowSplits: [0, 2, 3, 3])
        ).values
      },
    ]
    for check in checks { #expect(check.passed && check.directions.count == 12, "\(check)") }
  }

  /// The other sequences may be the same ones.
  @Test func crossAttentionToOneself() {
    var generator = RandomGenerator(seed: 3)
    let layer = MultiHeadAttention<Double>(columns: 6, heads: 3, using: &generator)
    let x = Sequences(values: Variable(generator.tensor([5, 6], of: Double.self)), rowSplits: [0, 2, 5])
    #expect(layer(x).values.value.distance(to: layer(x, attendingTo: x).values.value) < 1e-14)
  }

  @Test(arguments: [false, true], [TransformerBlock<Double>.Nonlinearity.relu, .gelu])
  func blockGradients(isNormFirst: Bool, activation: TransformerBlock<Double>.Nonlinearity) {
    var generator = RandomGenerator(seed: 4)
    let block = TransformerBlock<Double>(
      columns: 4, heads: 2, hidden: 5, dropout: 0.2, activation: activation, isNormFirst: isNormFirst,
      using: &generator)
    #expect(
      block.parameterNames == [
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
        "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias",
        "norm2.weight", "norm2.bias",
      ])
    let x = generator.tensor([4, 4], of: Double.self)
    let check = checkGradients(at: block) { block in
      block(Sequences(values: Variable(x), rowSplits: [0, 1, 1, 4])).values
    }
    #expect(check.passed && check.directions.count == 36, "\(check)")
  }

  /// In training steps alone, and at each of its three places: with the network's weights at 0, only what the attention
  /// adds is dropped.
  @Test func dropout() {
    var generator = RandomGenerator(seed: 5)
    var block = TransformerBlock<Double>(
      columns: 4, heads: 1, hidden: 200, dropout: 0.5, isNormFirst: true, using: &generator)
    let x = Sequences(values: Variable(generator.tensor([50, 4], of: Double.self)), rowSplits: [0, 50])
    #expect(block(x).values.value == block(x).values.value)
    func dropped(_ block: TransformerBlock<Double>) -> Double {
      var share = 0.0
      _ = valueWithGradients(at: block, on: Tape(seed: 1)) { block in
        let result = block(x).values
        share = Double((result.value - x.values.value).elements.count { $0 == 0 }) / 200
        return result.sum()
      }
      return share
    }
    let all = block
    block.linear2 = Dense(weight: Tensor(zeros: [4, 200]), bias: Tensor(zeros: [4]))
    #expect(abs(dropped(block) - 0.5) < 0.15)
    block = all
    block.attention.output = Dense(weight: Tensor(zeros: [4, 4]), bias: Tensor(zeros: [4]))
    #expect(abs(dropped(block) - 0.5) < 0.15)
    // One hidden unit that is 1 everywhere, and counts twice or not at all: with the result's dropout 0, 2 or 4.
    block = TransformerBlock(columns: 4, heads: 1, hidden: 1, dropout: 0.5, isNormFirst: true, using: &generator)
    block.attention.output = Dense(weight: Tensor(zeros: [4, 4]), bias: Tensor(zeros: [4]))
    block.linear1 = Dense(weight: Tensor(zeros: [1, 4]), bias: Tensor([1]))
    block.linear2 = Dense(weight: Tensor(ones: [4, 1]), bias: Tensor(zeros: [4]))
    #expect(abs(dropped(block) - 0.75) < 0.12)
  }

  @Test func descriptions() {
    var generator = RandomGenerator(seed: 6)
    #expect("\(MultiHeadAttention<Float>(columns: 4, heads: 2, using: &generator))" == "MultiHeadAttention(4, 2 heads)")
    let block = TransformerBlock<Float>(
      columns: 4, heads: 2, hidden: 6, activation: .gelu, isNormFirst: true, using: &generator)
    #expect("\(block)" == "TransformerBlock(4, 2 heads, 6 hidden, gelu, norms first)")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("MultiHeadAttention: 3 heads for 4 columns, expected a divisor of them") {
      _ = layer(heads: 3)
    },
    ProgrammingError("MultiHeadAttention: elements of shape [2, 3], expected [n, 4]") {
      _ = layer(heads: 2)(sequences([2, 3]))
    },
    ProgrammingError("MultiHeadAttention: elements of shape [1, 5], expected [n, 4]") {
      _ = layer(heads: 2)(sequences([2, 4]), attendingTo: sequences([1, 5]))
    },
    ProgrammingError("MultiHeadAttention: 1 sequences attend to 0, expected as many") {
      let none = Sequences(values: Variable(Tensor<Float>(zeros: [0, 4])), rowSplits: [0])
      _ = layer(heads: 2)(sequences([2, 4]), attendingTo: none)
    },
    ProgrammingError("TransformerBlock: 0 hidden units, expected 1 or more") { _ = block(hidden: 0, dropout: 0) },
    ProgrammingError("TransformerBlock: dropout 1.0 is not in 0..<1") { _ = block(hidden: 2, dropout: 1) },
  ]

  private static func layer(heads: Int) -> MultiHeadAttention<Float> {
    var generator = RandomGenerator(seed: 1)
    return MultiHeadAttention(columns: 4, heads: heads, using: &generator)
  }

  private static func block(hidden: Int, dropout: Float) -> TransformerBlock<Float> {
    var generator = RandomGenerator(seed: 1)
    return TransformerBlock(columns: 4, heads: 2, hidden: hidden, dropout: dropout, using: &generator)
  }

  private static func sequences(_ shape: Shape) -> Sequences<Float> {
    Sequences(values: Variable(Tensor(zeros: shape)), rowSplits: [0, Int32(shape[0])])
  }
}
