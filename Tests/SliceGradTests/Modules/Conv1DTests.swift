import SliceGrad
import Testing

/// What a convolution computes is compared with PyTorch in `SequenceFixtureTests`.
@Suite struct Conv1DTests {
  @Test func gradients() {
    var generator = RandomGenerator(seed: 1)
    let layer = Conv1D<Double>(inputs: 2, outputs: 3, length: 3, dilation: 2, padding: .causal, using: &generator)
    let x = generator.tensor([6, 2], of: Double.self)
    let check = checkGradients(at: layer) { layer in
      layer(Sequences(values: Variable(x), rowSplits: [0, 0, 1, 5, 6])).values.square().sum()
    }
    #expect(check.passed, "\(check)")
  }

  /// An element of a causal convolution doesn't depend on later ones, and none on other sequences.
  @Test func causal() {
    var generator = RandomGenerator(seed: 2)
    let layer = Conv1D<Float>(inputs: 2, outputs: 3, length: 3, padding: .causal, using: &generator)
    var x = generator.tensor([6, 2], of: Float.self)
    func outputs() -> Tensor<Float> { layer(Sequences(values: Variable(x), rowSplits: [0, 4, 6])).values.value }
    let before = outputs()
    x[2, 1] += 1
    let after = outputs()
    let changed = (0..<6).filter { before.row($0) != after.row($0) }
    #expect(changed == [2, 3])
  }

  @Test func namesAndFirstValues() {
    var generator = RandomGenerator(seed: 3)
    let layer = Conv1D<Float>(inputs: 8, outputs: 5, length: 2, using: &generator)
    #expect(layer.parameterNames == ["weight", "bias"] && layer.weight.value.shape == [5, 8, 2])
    #expect(layer.weight.value.elements.allSatisfy { abs($0) < 0.25 })
    let plain = Conv1D<Float>(inputs: 8, outputs: 5, length: 2, hasBias: false, using: &generator)
    #expect(plain.parameterNames == ["weight"])
    let least = Conv1D<Float>(inputs: 1, outputs: 1, length: 1, using: &generator)
    #expect(
      least(Sequences(values: Variable(Tensor([[0]])), rowSplits: [0, 1])).values.value[0, 0] == least.bias!.value[0])
    let short = Sequences(values: Variable(Tensor<Float>(ones: [3, 8])), rowSplits: [0, 1, 3])
    #expect(layer(short).lengths == [0, 1] && layer(short).max().value.row(0) == Tensor(zeros: [5]))
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError(
      "Conv1D: inputs 2, outputs 3, length 0, stride 1 and dilation 1, expected 1 or more of each"
    ) {
      var generator = RandomGenerator(seed: 1)
      _ = Conv1D<Float>(inputs: 2, outputs: 3, length: 0, using: &generator)
    },
    ProgrammingError("Conv1D: elements of shape [3, 1], expected [n, 2]") {
      var generator = RandomGenerator(seed: 1)
      let layer = Conv1D<Float>(inputs: 2, outputs: 3, length: 2, using: &generator)
      _ = layer(Sequences(values: Variable(Tensor(zeros: [3, 1])), rowSplits: [0, 3]))
    },
  ]
}
