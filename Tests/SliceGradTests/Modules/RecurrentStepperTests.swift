import SliceGrad
import Testing

@Suite struct RecurrentStepperTests {
  /// Layers, and what they read: an element at a time, `[time, sequences, inputs]`.
  private struct Layers {
    var gru: GRU<Float>
    var lstm: LSTM<Float>
    let x: Tensor<Float>

    init(sequences: Int, inputs: Int = 3, hidden: Int = 21, layers: Int = 2, times: Int = 4) {
      var generator = RandomGenerator(seed: 11)
      gru = GRU(inputs: inputs, hidden: hidden, layers: layers, dropout: 0.5, using: &generator)
      lstm = LSTM(inputs: inputs, hidden: hidden, layers: layers, dropout: 0.5, using: &generator)
      x = generator.tensor([times, sequences, inputs])
    }

    /// What the layers return for the elements of some times, and their states.
    func outputs(at times: Range<Int>) -> (gru: Tensor<Float>, lstm: Tensor<Float>, Variable<Float>, LSTM<Float>.State)
    {
      let sequences = Sequences(padded: Variable(x.slice(times, axis: 0).transposed([1, 0, 2])))
      let (gruOutputs, gruStates) = gru(sequences)
      let (lstmOutputs, lstmStates) = lstm(sequences)
      return (
        gruOutputs.padded.value.transposed([1, 0, 2]), lstmOutputs.padded.value.transposed([1, 0, 2]), gruStates,
        lstmStates
      )
    }
  }

  /// The weights are read in another order than by the layer, and the bits are the same.
  @Test(arguments: [1, 2, 9])
  func bitsOfTheLayer(sequences: Int) {
    let layers = Layers(sequences: sequences)
    let (gruOutputs, lstmOutputs, _, _) = layers.outputs(at: 0..<4)
    var gru = layers.gru.stepper(sequences: sequences)
    var lstm = layers.lstm.stepper(sequences: sequences)
    #expect(gru.sequenceCount == sequences)
    for time in 0..<4 {
      let x = layers.x.row(time)
      #expect(gru(x).hasSameBits(as: gruOutputs.row(time)))
      #expect(lstm(x).hasSameBits(as: lstmOutputs.row(time)))
    }
  }

  @Test func goesOnFromStates() {
    let layers = Layers(sequences: 3)
    let (_, _, gruStates, lstmStates) = layers.outputs(at: 0..<3)
    let (gruOutputs, lstmOutputs, _, _) = layers.outputs(at: 0..<4)
    var gru = layers.gru.stepper(from: gruStates)
    var lstm = layers.lstm.stepper(from: lstmStates)
    #expect(gru(layers.x.row(3)).hasSameBits(as: gruOutputs.row(3)))
    #expect(lstm(layers.x.row(3)).hasSameBits(as: lstmOutputs.row(3)))
  }

  /// Neither a copy nor an output changes when the original goes on, nor a stepper with the layer.
  @Test func isAValue() {
    var layers = Layers(sequences: 2)
    var stepper = layers.lstm.stepper(sequences: 2)
    layers.lstm.weights[0].input.value[0, 0] += 1
    let first = stepper(layers.x.row(0))
    let elements = Array(first.elements)
    var copy = stepper
    let second = stepper(layers.x.row(1))
    #expect(Array(first.elements) == elements && second != first)
    #expect(copy(layers.x.row(1)).hasSameBits(as: second))
    var other = layers.lstm.stepper(sequences: 2)
    #expect(other(layers.x.row(0)) != first)
  }

  @Test func keepsSequences() {
    let layers = Layers(sequences: 3)
    var (all, some) = (layers.lstm.stepper(sequences: 3), layers.lstm.stepper(sequences: 3))
    _ = all(layers.x.row(0))
    _ = some(layers.x.row(0))
    some.keep([2, 0, 2])
    let expected = all(layers.x.row(1))
    let output = some(.stack([2, 0, 2].map { layers.x.row(1).row($0) }))
    for (place, sequence) in [2, 0, 2].enumerated() {
      #expect(output.row(place).hasSameBits(as: expected.row(sequence)))
    }
    some.keep([Int]())
    #expect(some(Tensor(zeros: [0, 3])).shape == [0, 21])
  }

  private static func gru(isBidirectional: Bool = false) -> GRU<Double> {
    var generator = RandomGenerator(seed: 1)
    return GRU(inputs: 3, hidden: 4, layers: 2, isBidirectional: isBidirectional, using: &generator)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("GRU: a stepper for both directions; expected the forward one alone") {
      _ = gru(isBidirectional: true).stepper()
    },
    ProgrammingError("GRU: states of shape [1, 2, 4] for a stepper, expected [2, 2, 4]") {
      _ = gru().stepper(from: Variable(Tensor(zeros: [1, 2, 4])))
    },
    ProgrammingError("LSTM: states of shape [1, 3, 4] for a stepper, expected [1, 2, 4]") {
      var generator = RandomGenerator(seed: 1)
      let layer = LSTM<Double>(inputs: 3, hidden: 4, using: &generator)
      let cell = Variable(Tensor<Double>(zeros: [1, 3, 4]))
      _ = layer.stepper(from: .init(hidden: Variable(Tensor(zeros: [1, 2, 4])), cell: cell))
    },
    ProgrammingError("GRU: elements of shape [2, 3] for a stepper, expected [1, 3]") {
      var stepper = gru().stepper()
      _ = stepper(Tensor(zeros: [2, 3]))
    },
    ProgrammingError("GRU: sequences to keep: row number 2 at position 1 is not in 0..<2") {
      var stepper = gru().stepper(sequences: 2)
      stepper.keep([1, 2])
    },
  ]
}
