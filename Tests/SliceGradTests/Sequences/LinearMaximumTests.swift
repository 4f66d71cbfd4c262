import SliceGrad
import Testing

@Suite struct LinearMaximumTests {
  /// The maximum over the time, led back through its elements alone, is that of all outputs.
  @Test func maximum() {
    var generator = RandomGenerator(seed: 4)
    let layer = Conv1D<Double>(inputs: 2, outputs: 3, length: 2, using: &generator)
    let plain = Conv1D<Double>(inputs: 2, outputs: 3, length: 2, hasBias: false, using: &generator)
    let (x, factors) = (generator.tensor([12, 2], of: Double.self), generator.tensor([5, 3], of: Double.self))
    let splits: [Int32] = [0, 5, 5, 6, 8, 12]  // none, too short for a window, just one window
    for layer in [layer, plain] {
      func gradients(_ maxima: (Conv1D<Double>, Sequences<Double>) -> Variable<Double>) -> [Tensor<Double>] {
        var model = LayerAndInput(layer: layer, x: Parameter(x))
        let (value, gradients) = valueWithGradients(at: model) { model in
          (maxima(model.layer, Sequences(values: model.x.variable, rowSplits: splits)) * factors).sum()
        }
        var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
        optimizer.update(&model, with: gradients)
        return [Tensor(value)] + model.leaves.map(\.value)
      }
      for (fused, composed) in zip(gradients { $0.maximum(over: $1) }, gradients { $0($1).max() }) {
        #expect(fused.distance(to: composed) < 1e-13)
      }
    }
    let check = checkGradients(at: [x, layer.weight.value.reshaped(to: [3, 4]), layer.bias!.value]) { x in
      let windows = Sequences(values: x[0], rowSplits: splits).windows(length: 2)
      return (windows.maximum(ofLinear: x[1], bias: x[2]) * factors).sum()
    }
    #expect(check.passed, "\(check)")
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("maximum: elements [6, 2] and weight [3, 1], expected [n, d] and [outputs, d]") {
      _ = SampleSequences.numbers.maximum(ofLinear: Variable(Tensor(zeros: [3, 1])), bias: nil)
    }
  ]
}
