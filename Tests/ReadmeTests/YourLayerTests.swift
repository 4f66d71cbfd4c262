import SliceGrad
import Testing

// The code of YourLayer.md; the first test compares the two.

struct Block<Scalar: TensorScalar>: Layer {
  var norm: LayerNorm<Scalar>
  var linear: Dense<Scalar>

  init(size: Int, using generator: inout RandomGenerator) {
    norm = LayerNorm([size])
    linear = Dense(inputs: size, outputs: size, using: &generator)
  }

  func callAsFunction(_ input: Variable<Scalar>) -> Variable<Scalar> {
    input + linear(norm(input)).relu()
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&norm, "norm")
    visit(&linear, "linear")
  }
}

struct Scaled: Layer {
  var scale: Parameter<Float>

  func callAsFunction(_ input: Variable<Float>) -> Variable<Float> { input * scale.variable }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&scale, "scale")
  }
}

func lastState<Scalar>(_ cell: Dense<Scalar>, over inputs: Variable<Scalar>) -> Variable<Scalar> {
  let steps = inputs.unstacked(axis: 1)
  return steps.reduce(Variable(Tensor(zeros: steps[0].shape))) { state, input in (input + cell(state)).tanh() }
}

struct Centered: Layer {
  var mean = Buffer(Tensor<Float>(zeros: [2]))

  func callAsFunction(_ input: Variable<Float>) -> Variable<Float> {
    mean.assign(mean.value * 0.9 + input.value.mean(over: [0]) * 0.1)
    return input - mean.value
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&mean, "mean")
  }
}

func checkBlock() -> GradientCheck {
  var generator = RandomGenerator(seed: 1)
  let block = Block<Double>(size: 4, using: &generator)
  let input = Tensor<Double>(normal: [3, 4], using: &generator)
  return checkGradients(at: block) { block in block(Variable(input)).square().mean() }
}

struct YourLayerTests {
  @Test("the article on layers is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourLayer.md") }

  @Test("its parameter gets the gradient of a factor")
  func parameterIsTrained() {
    let layer = Scaled(scale: Parameter(Tensor([2, 3])))
    let (value, gradients) = valueWithGradients(at: layer) { layer in
      layer(Variable(Tensor([[1, 10], [2, 20]]))).sum()
    }
    #expect(value == 96 && gradients[\.scale, in: layer] == Tensor([3, 30]))
  }

  @Test("its loop over time agrees with the steps one by one, and its gradients are right")
  func loopIsRight() {
    var generator = RandomGenerator(seed: 1)
    let cell = Dense<Double>(inputs: 3, outputs: 3, using: &generator)
    let inputs = Tensor<Double>(normal: [2, 4, 3], using: &generator)
    var state = Tensor<Double>(zeros: [2, 3])
    for time in 0..<4 {
      let input = inputs.slice(time..<time + 1, axis: 1).reshaped(to: [2, 3])
      state = (input + state.matmul(cell.weight.value, transposeRight: true) + cell.bias!.value).tanh()
    }
    let last = lastState(cell, over: Variable(inputs)).value
    #expect(zip(last.elements, state.elements).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(checkGradients(at: cell) { cell in lastState(cell, over: Variable(inputs)).square().mean() }.passed)
  }

  @Test("its buffer changes after steps and not in evaluation")
  func bufferChanges() {
    var layer = Sequential(Centered(), Dense(weight: Tensor([[1, 1]]), bias: nil))
    let input = Variable(Tensor<Float>([[10, 20], [30, 40]]))
    var optimizer = ModelOptimizer(for: layer, dense: SGD(learningRate: 0), sparse: SGD(learningRate: 0))
    let (_, gradients) = valueWithGradients(at: layer) { layer in layer(input).mean() }
    optimizer.update(&layer, with: gradients)
    _ = layer(input)
    #expect(layer.first.mean.value == Tensor([2, 3]))
  }

  @Test("its block has the right gradients")
  func blockIsRight() {
    let check = checkBlock()
    #expect(check.passed, "\(check)")
  }
}
