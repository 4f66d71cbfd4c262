import SliceGrad
import Testing

/// Layers, above all those over sequences.
extension ThreadsTests {
  /// Layers over sequences. Those of a recurrent layer are shared out by their lengths.
  @Test func sequences() {
    var generator = RandomGenerator(seed: 8)
    let lengths = (0..<19).map { _ in Int.random(in: 0...9, using: &generator) }
    let splits = lengths.reduce(into: [Int32(0)]) { $0.append($0.last! + Int32($1)) }
    let gru = GRU<Float>(inputs: 24, hidden: 40, isBidirectional: true, using: &generator)
    let lstm = LSTM<Float>(inputs: 24, hidden: 40, isBidirectional: true, using: &generator)
    let x = Parameter(Tensor<Float>(normal: [Int(splits.last!), 24], using: &generator))
    expectSameBits("GRU") {
      bits(of: gru, x) { $0(Sequences(values: $1, rowSplits: splits)).outputs.values.square().sum() }
    }
    expectSameBits("LSTM") {
      bits(of: lstm, x) { $0(Sequences(values: $1, rowSplits: splits)).outputs.values.square().sum() }
    }
    expectSameBits("pooling") {
      gradients(at: [[4000, 30]]) { x in
        let sequences = Sequences(values: x[0], rowSplits: [0, 1000, 1000, 3990, 4000])
        let windows = sequences.windows(length: 3, padding: .same)
        return (sequences.mean() + sequences.max()).square().sum() + windows.values.square().sum()
      }
    }
    expectSameBits("attention pooling") {
      gradients(at: [[4000, 30], [4000]]) { x in
        let splits: [Int32] = [0, 1000, 1000, 3990, 4000]
        let scores = Sequences(values: x[1], rowSplits: splits)
        let sequences = Sequences(values: x[0], rowSplits: splits)
        let pooled = sequences.sum(weights: scores.softmax().values)
        return (sequences.expanding(pooled) * x[0]).sum() + sequences.softmax().values.square().sum()
      }
    }
    expectSameBits("padded") {
      gradients(at: [[4000, 30]]) { x in
        let sequences = Sequences(values: x[0], rowSplits: [0, 1000, 1000, 3990, 4000])
        let again = Sequences(padded: sequences.padded, lengths: sequences.lengths)
        return sequences.padded.exp().sum() + again.values.square().sum()
      }
    }
    expectSameBits("dropout over time") {
      let (value, gradients) = valueWithGradients(at: [Tensor<Float>(ones: [4000, 30])], on: Tape(seed: 3)) { x in
        Sequences(values: x[0], rowSplits: [0, 1000, 1000, 3990, 4000]).dropout(0.3).values.square().sum()
      }
      return [Tensor(value)] + gradients
    }
    expectSameBits("maxima") {
      gradients(at: [[4000, 30], [20, 30], [20]]) { x in
        Sequences(values: x[0], rowSplits: [0, 1000, 1000, 3990, 4000]).maximum(ofLinear: x[1], bias: x[2]).square()
          .sum()
      }
    }
    expectSameBits("batchNorm") {
      gradients(at: [[600, 100], [100], [100]]) { x in x[0].batchNorm(weight: x[1], bias: x[2]).result.exp().sum() }
    }
  }

  /// A layer and its input after an update by their gradients.
  private func bits<Layer: Module<Float>>(
    of layer: Layer, _ x: Parameter<Float>, _ loss: (Layer, Variable<Float>) -> Variable<Float>
  ) -> [Tensor<Float>] {
    var model = LayerAndInput(layer: layer, x: x)
    let (value, gradients) = valueWithGradients(at: model) { loss($0.layer, $0.x.variable) }
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    optimizer.update(&model, with: gradients)
    var tensors = [Tensor(value)]
    model.forEachParameter { tensors.append($1) }
    return tensors
  }

  /// Attention of sequences of very different lengths.
  @Test func attention() {
    let splits: [Int32] = [0, 70, 70, 71, 101, 201]
    for isCausal in [false, true] {
      expectSameBits(isCausal ? "causal attention" : "attention") {
        gradients(at: [[201, 24], [201, 24], [201, 8]]) { x in
          let sequences = x.map { Sequences(values: $0, rowSplits: splits) }
          return SliceGrad.attention(
            queries: sequences[0], keys: sequences[1], values: sequences[2], heads: 4, isCausal: isCausal
          ).values.square().sum()
        }
      }
    }
  }

  /// The layers that are made of attention.
  @Test func transformers() {
    var generator = RandomGenerator(seed: 10)
    let splits: [Int32] = [0, 70, 70, 71, 101, 201]
    let layer = MultiHeadAttention<Float>(columns: 24, heads: 4, using: &generator)
    let block = TransformerBlock<Float>(columns: 24, heads: 3, hidden: 40, using: &generator)
    let x = Parameter(Tensor<Float>(normal: [201, 24], using: &generator))
    expectSameBits("MultiHeadAttention") {
      bits(of: layer, x) { $0(Sequences(values: $1, rowSplits: splits), isCausal: true).values.square().sum() }
    }
    expectSameBits("TransformerBlock") {
      bits(of: block, x) { $0(Sequences(values: $1, rowSplits: splits)).values.exp().sum() }
    }
  }

  @Test func convolutions() {
    var generator = RandomGenerator(seed: 11)
    let splits: [Int32] = [0, 200, 200, 201, 597, 600]
    let x = Parameter(Tensor<Float>(normal: [600, 24], using: &generator))
    for (stride, padding) in [(1, .causal), (2, .same), (3, .valid)] as [(Int, WindowPadding)] {
      let layer = Conv1D<Float>(
        inputs: 24, outputs: 40, length: 3, stride: stride, padding: padding, using: &generator)
      expectSameBits("Conv1D of stride \(stride), \(padding)") {
        bits(of: layer, x) { $0(Sequences(values: $1, rowSplits: splits)).values.square().sum() }
      }
    }
  }

  /// Sequences that go on element by element.
  @Test func steppers() {
    var generator = RandomGenerator(seed: 12)
    let gru = GRU<Float>(inputs: 24, hidden: 40, layers: 2, using: &generator)
    let lstm = LSTM<Float>(inputs: 24, hidden: 40, layers: 2, using: &generator)
    let x = generator.tensor([3, 61, 24], of: Float.self)
    for (name, stepper) in [("GRU", gru.stepper(sequences: 61)), ("LSTM", lstm.stepper(sequences: 61))] {
      expectSameBits("a stepper of \(name)") {
        var stepper = stepper
        return (0..<3).map { stepper(x.row($0)) }
      }
    }
  }

  /// Sequences of very different lengths.
  @Test func tags() {
    var generator = RandomGenerator(seed: 9)
    let model = TaggedEmissions<Float>(lengths: (0..<37).map { $0 * $0 % 61 }, tags: 9, using: &generator)
    expectSameBits("a conditional random field") {
      let (losses, gradients) = model.lossesWithGradients()
      let (tags, scores) = model.field.bestTags(model.sequences)
      let marginals = model.field.marginals(model.sequences)
      return [losses, scores, marginals, Tensor(tags.values.map { Float($0) })] + gradients
    }
  }
}
