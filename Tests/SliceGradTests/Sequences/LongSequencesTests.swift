import SliceGrad
import Testing

/// Layers and functions of one very long sequence. Rounding doesn't add up along it: Float is as good as Double.
@Suite struct LongSequencesTests {
  enum Subject: String, CaseIterable {
    case gru, lstm, convolution, maximum, windows, attention, pooling

    /// Attention takes the square of it.
    var length: Int { self == .attention ? 2000 : 10_000 }

    /// What is computed, and the gradients of the parameters and of the elements.
    func results<Scalar: TensorScalar>(of _: Scalar.Type) -> [Tensor<Double>] {
      var generator = RandomGenerator(seed: 1)
      let convolution = Conv1D<Scalar>(inputs: 3, outputs: 4, length: 5, dilation: 2, padding: .same, using: &generator)
      let score = Dense<Scalar>(inputs: 3, outputs: 1, hasBias: false, using: &generator)
      switch self {
      case .gru:
        let layer = GRU<Scalar>(inputs: 3, hidden: 4, isBidirectional: true, using: &generator)
        return results(of: layer) { layer, x in layer(x).outputs.values }
      case .lstm:
        let layer = LSTM<Scalar>(inputs: 3, hidden: 4, isBidirectional: true, using: &generator)
        return results(of: layer) { layer, x in layer(x).outputs.values }
      case .convolution: return results(of: convolution) { layer, x in layer(x).values }
      case .maximum: return results(of: convolution) { layer, x in layer.maximum(over: x) }
      case .windows:
        return results(of: score) { layer, x in
          x.map { layer($0) }.windows(length: 4, stride: 3, padding: .causal).values
        }
      case .attention:
        let layer = MultiHeadAttention<Scalar>(columns: 3, heads: 1, using: &generator)
        return results(of: layer) { layer, x in layer(x, isCausal: true).values }
      case .pooling:
        return results(of: score) { layer, x in
          let weights = x.map { layer($0) }.softmax().values
          return .concatenate([x.map { $0.square() }.mean(), x.max(), x.sum(weights: weights)], axis: 1)
        }
      }
    }

    /// Numbers that Float holds without rounding are given to a layer of either precision.
    private func results<Layer: Module>(
      of layer: Layer, _ outputs: (Layer, Sequences<Layer.Scalar>) -> Variable<Layer.Scalar>
    ) -> [Tensor<Double>] {
      typealias Scalar = Layer.Scalar
      var generator = RandomGenerator(seed: 2)
      func random(_ shape: Shape) -> Tensor<Scalar> {
        let numbers = generator.tensor(shape, of: Double.self) * 0.5
        return Tensor(shape: shape, elements: numbers.elements.map { Scalar(Float($0)) })
      }
      var model = LayerAndInput(layer: layer, x: Parameter(Tensor(zeros: [length, 3])))
      model.forEachParameter { $1 = random($1.shape) }
      var results: [Tensor<Scalar>] = []
      let gradients = valueWithGradients(at: model) { model in
        let result = outputs(model.layer, Sequences(values: model.x.variable, rowSplits: [0, Int32(length)]))
        results.append(result.value)
        return (result * random(result.shape)).sum()
      }.gradients
      for case .dense(let gradient) in gradients.leaves { results.append(gradient) }
      return results.map { Tensor(shape: $0.shape, elements: $0.elements.map { Double($0) }) }
    }
  }

  /// No number is off by more than five millionths of the largest one.
  @Test(arguments: Subject.allCases) func floatAgreesWithDouble(_ subject: Subject) {
    let (found, expected) = (subject.results(of: Float.self), subject.results(of: Double.self))
    #expect(found.count == expected.count && found.count > 1)
    for (i, (found, expected)) in zip(found, expected).enumerated() {
      #expect(found.shape == expected.shape && found.elements.allSatisfy(\.isFinite))
      let error = (found - expected).abs().max().scalar / expected.abs().max().scalar
      #expect(error < 5e-6, "\(i == 0 ? "what is computed" : "gradient \(i)")")
    }
  }
}
