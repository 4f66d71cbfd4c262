import SliceGrad
import Testing

/// The layers: what they compute, their parameters' names and first values, and that their gradients are right.
@Suite struct LayerTests {
  private func names(_ module: some Module) -> [String] { module.parameterNames }

  @Test func dense() {
    let layer = Dense<Double>(weight: Tensor([[1, 2, 3], [4, 5, 6]]), bias: Tensor([10, 20]))
    #expect(layer(Variable(Tensor([[1, 0, 0], [0, 1, -1]]))).value == Tensor([[11, 24], [9, 19]]))
    #expect(names(layer) == ["weight", "bias"])
    #expect(layer.parameterCount == 8)
    var generator = RandomGenerator(seed: 1)
    let random = Dense<Double>(inputs: 30, outputs: 20, using: &generator)
    #expect(random.weight.value.shape == [20, 30])
    #expect(random.weight.value.elements.allSatisfy { abs($0) < (6.0 / 50).squareRoot() })
    #expect(random.bias?.value == Tensor(zeros: [20]))
    check(random, inputs: [4, 30])
  }

  @Test func denseWithoutBias() {
    let layer = Dense<Double>(weight: Tensor([[1, 2, 3], [4, 5, 6]]), bias: nil)
    #expect(layer(Variable(Tensor([1, 0, 0]))).value == Tensor([1, 4]))
    #expect(names(layer) == ["weight"])
    var generator = RandomGenerator(seed: 1)
    check(Dense<Double>(inputs: 3, outputs: 2, hasBias: false, using: &generator), inputs: [2, 2, 3])
  }

  @Test func layerNorm() {
    let layer = LayerNorm<Double>([4])
    #expect(layer.weight.value == Tensor(ones: [4]) && layer.bias.value == Tensor(zeros: [4]))
    #expect(names(layer) == ["weight", "bias"])
    let result = layer(Variable(Tensor([[1, 2, 3, 4], [5, 5, 5, 5]]))).value
    #expect(result.distance(to: Tensor([[-1.34164, -0.447212, 0.447212, 1.34164], [0, 0, 0, 0]])) < 1e-5)
    check(LayerNorm<Double>([3, 4], epsilon: 0.1), inputs: [2, 3, 4])
  }

  @Test func dropout() {
    let layer = Dropout<Double>(0.5)
    let x = Tensor<Double>(ones: [100])
    #expect(layer(Variable(x)).value == x)
    #expect(names(layer) == [])
    _ = valueWithGradients(at: [x], on: Tape(seed: 1)) { leaves in
      let dropped = layer(leaves[0])
      #expect(Set(dropped.value.elements) == [0, 2])
      return dropped.sum()
    }
  }

  @Test func sequential() {
    var generator = RandomGenerator(seed: 1)
    let (first, last) = (
      Dense<Double>(inputs: 4, outputs: 3, using: &generator),
      Dense<Double>(inputs: 3, outputs: 2, hasBias: false, using: &generator)
    )
    let network = Sequential(first, Activation { $0.tanh() }, LayerNorm([3]), Dropout(0.5), last)
    #expect(names(network) == ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight"])
    let x = Variable(generator.tensor([5, 4], of: Double.self))
    #expect(network(x).value == last(LayerNorm([3])(first(x).tanh())).value)
    check(network, inputs: [5, 4])
    let nested = Sequential(first, Sequential(Activation<Double> { $0.relu() }, last))
    #expect(names(nested) == ["0.weight", "0.bias", "1.1.weight"])
  }

  /// Layers in a sequence are changed in place, like any field.
  @Test func sequentialTrains() {
    var generator = RandomGenerator(seed: 1)
    var network = Sequential(Dense<Double>(inputs: 2, outputs: 1, using: &generator))
    let before = network
    var optimizer = ModelOptimizer(for: network, dense: SGD(learningRate: 0.1))
    let (_, gradients) = valueWithGradients(at: network) { $0(Variable(Tensor([[1, 2]]))).sum() }
    optimizer.update(&network, with: gradients)
    let weights = [before, network].map { $0.first.weight.value }
    #expect(weights[1].distance(to: weights[0] - Tensor([[0.1, 0.2]])) < 1e-15)
  }

  /// The gradients of a layer's parameters agree with finite differences at a random input.
  private func check(_ layer: some Layer<Double, Variable<Double>>, inputs: Shape) {
    var generator = RandomGenerator(seed: 2)
    let x = generator.tensor(inputs, of: Double.self)
    let check = checkGradients(at: layer) { layer in layer(Variable(x)) }
    #expect(check.passed, "\(check)")
    #expect(check.directions.count == 3 * layer.parameterNames.count)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Dense: weight [2, 3] and bias [3], expected [outputs, inputs] and [outputs]") {
      _ = Dense<Float>(weight: Tensor(zeros: [2, 3]), bias: Tensor(zeros: [3]))
    },
    ProgrammingError("Dense: weight [2] and bias [2], expected [outputs, inputs] and [outputs]") {
      _ = Dense<Float>(weight: Tensor(zeros: [2]), bias: Tensor(zeros: [2]))
    },
    ProgrammingError("Dropout: probability 1.0 is not in 0..<1") { _ = Dropout<Float>(1) },
  ]
}
