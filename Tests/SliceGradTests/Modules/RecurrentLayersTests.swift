import SliceGrad
import Testing

@Suite struct RecurrentLayersTests {
  /// The shortest sequences there are, in between longer ones, and none at all.
  private static let splits: [[Int32]] = [[0, 3, 3, 4, 9, 11], [0, 1], [0, 0], [0], [0, 2, 4, 6]]

  private struct Case: Module {
    typealias Scalar = Double
    var gru: GRU<Double>
    var lstm: LSTM<Double>
    var x: Parameter<Double>
    var states: [Parameter<Double>]

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&gru, "gru")
      visit(&lstm, "lstm")
      visit(&x, "x")
      visit(&states, "states")
    }
  }

  @Test(arguments: splits, [false, true])
  func gradients(splits: [Int32], isBidirectional: Bool) {
    var generator = RandomGenerator(seed: 5)
    let layers = isBidirectional ? 1 : 2
    let stateShape: Shape = [2, splits.count - 1, 3]
    let model = Case(
      gru: GRU(inputs: 2, hidden: 3, layers: layers, isBidirectional: isBidirectional, using: &generator),
      lstm: LSTM(inputs: 2, hidden: 3, layers: layers, isBidirectional: isBidirectional, using: &generator),
      x: Parameter(generator.tensor([Int(splits.last!), 2], of: Double.self)),
      states: (0..<2).map { _ in Parameter(generator.tensor(stateShape, of: Double.self)) })
    let check = checkGradients(at: model) { model in
      let x = Sequences(values: model.x.variable, rowSplits: splits)
      let states = model.states.map(\.variable)
      let (outputs, final) = model.gru(x, initial: states[0])
      let (others, end) = model.lstm(x, initial: .init(hidden: states[0], cell: states[1]))
      let sums = [outputs.values.square().sum(), final.exp().sum(), (others.values * 3).tanh().sum()]
      return sums.reduce((end.hidden * end.cell.exp()).sum(), +)
    }
    #expect(check.passed, "\(check)")
  }

  /// It doesn't matter what the padding holds, and it gets no gradient. `IndependenceTests` show that a batch
  /// has the bits of its sequences.
  @Test func paddingDoesNotMatter() {
    var generator = RandomGenerator(seed: 6)
    let gru = GRU<Float>(inputs: 3, hidden: 5, isBidirectional: true, using: &generator)
    let lstm = LSTM<Float>(inputs: 3, hidden: 5, isBidirectional: true, using: &generator)
    let lengths = [3, 0, 1, 5]
    let clean = generator.tensor([4, 5, 3], of: Float.self)
    var dirty = clean
    for (i, length) in lengths.enumerated() { for time in length..<5 { dirty[i, time, 0] = 1e9 } }
    for layer in [{ gru($0).outputs.values }, { lstm($0).outputs.values }] as [(Sequences<Float>) -> Variable<Float>] {
      let results = [clean, dirty].map { padded in
        var outputs = Tensor<Float>(0)
        let gradient = valueWithGradients(at: [padded]) { x in
          let result = layer(Sequences(padded: x[0], lengths: lengths))
          outputs = result.value
          return result.square().sum()
        }.gradients[0]
        for (i, length) in lengths.enumerated() {
          #expect(gradient.row(i).slice(length..<5, axis: 0).elements.allSatisfy { $0 == 0 })
        }
        return (outputs, gradient)
      }
      #expect(results[0].0.hasSameBits(as: results[1].0) && results[0].1.hasSameBits(as: results[1].1))
    }
  }

  /// One element at a time, with the states handed on, gives what the sequence gives as a whole.
  @Test func elementByElement() {
    var generator = RandomGenerator(seed: 7)
    let gru = GRU<Double>(inputs: 3, hidden: 4, layers: 2, using: &generator)
    let lstm = LSTM<Double>(inputs: 3, hidden: 4, layers: 2, using: &generator)
    let x = generator.tensor([2, 5, 3], of: Double.self)
    let whole = Sequences(padded: Variable(x))
    let (gruOutputs, gruFinal) = gru(whole)
    let (lstmOutputs, lstmFinal) = lstm(whole)
    var (gruState, lstmState): (Variable<Double>?, LSTM<Double>.State?) = (nil, nil)
    for time in 0..<5 {
      let step = Sequences(padded: Variable(x.slice(time..<time + 1, axis: 1)))
      let (gruStep, state) = gru(step, initial: gruState)
      let (lstmStep, other) = lstm(step, initial: lstmState)
      (gruState, lstmState) = (state, other)
      for (step, outputs) in [(gruStep, gruOutputs), (lstmStep, lstmOutputs)] {
        let expected = outputs.padded.value.slice(time..<time + 1, axis: 1).reshaped(to: [2, 4])
        #expect(step.values.value.distance(to: expected) < 1e-13)
      }
    }
    #expect(gruState!.value.distance(to: gruFinal.value) < 1e-13)
    #expect(lstmState!.cell.value.distance(to: lstmFinal.cell.value) < 1e-13)
  }

  @Test func namesAndFirstValues() {
    var generator = RandomGenerator(seed: 8)
    let layer = GRU<Float>(inputs: 3, hidden: 16, layers: 2, isBidirectional: true, using: &generator)
    let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    let reversed = names.map { $0 + "_reverse" }
    let second = (names + reversed).map { $0.replacing("l0", with: "l1") }
    #expect(layer.parameterNames == names + reversed + second)
    #expect(layer.weights.map { $0.input.value.shape } == [[48, 3], [48, 3], [48, 32], [48, 32]])
    #expect(layer.weights.allSatisfy { $0.hidden.value.elements.allSatisfy { abs($0) < 0.25 } })
    #expect(layer.weights[0].hidden.value.elements.contains { abs($0) > 0.24 })
    #expect("\(layer)" == "GRU(3 → 32, 2 layers, both directions)")
    #expect("\(LSTM<Float>(inputs: 1, hidden: 1, using: &generator))" == "LSTM(1 → 1)")
    #expect("\(LSTM<Float>(inputs: 3, hidden: 4, using: &generator))" == "LSTM(3 → 4)")
  }

  /// Dropout is between layers, and in steps only.
  @Test func dropout() {
    var generator = RandomGenerator(seed: 9)
    let plain = GRU<Float>(inputs: 3, hidden: 4, layers: 2, using: &generator)
    var again = RandomGenerator(seed: 9)
    let dropping = GRU<Float>(inputs: 3, hidden: 4, layers: 2, dropout: 0.5, using: &again)
    let x = Sequences(values: Variable(Tensor<Float>(ones: [4, 3])), rowSplits: [0, 4])
    #expect(dropping(x).outputs.values.value == plain(x).outputs.values.value)
    var results: [Tensor<Float>] = []
    let tape = Tape<Float>(seed: 1)
    for _ in 0..<2 {
      _ = valueWithGradients(at: dropping, on: tape) { layer in
        let outputs = layer(x).outputs.values
        results.append(outputs.value)
        return outputs.sum()
      }
    }
    #expect(results[0] != results[1] && results[0] != plain(x).outputs.values.value)
  }

  private static var small: GRU<Double> {
    var generator = RandomGenerator(seed: 1)
    return GRU(inputs: 3, hidden: 4, using: &generator)
  }

  private static func layer(inputs: Int = 3, layers: Int = 1, dropout: Double = 0) {
    var generator = RandomGenerator(seed: 1)
    _ = LSTM<Double>(inputs: inputs, hidden: 4, layers: layers, dropout: dropout, using: &generator)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("GRU: elements of shape [5, 2], expected [n, 3]") {
      _ = small(Sequences(values: Variable(Tensor(zeros: [5, 2])), rowSplits: [0, 5]))
    },
    ProgrammingError("GRU: initial states of shape [1, 2, 4], expected [1, 1, 4]") {
      let x = Sequences<Double>(values: Variable(Tensor(zeros: [5, 3])), rowSplits: [0, 5])
      _ = small(x, initial: Variable(Tensor(zeros: [1, 2, 4])))
    },
    ProgrammingError(
      "a recurrent layer: gates [5, 12], weight [12, 4], bias [4] and initial states [1, 4], expected [n, 3 · h], "
        + "[3 · h, h], [3 · h] and [1 · 1, h]"
    ) {
      var layer = small
      layer.weights[0].hiddenBias = Parameter(Tensor(zeros: [4]))
      _ = layer(Sequences(values: Variable(Tensor(zeros: [5, 3])), rowSplits: [0, 5]))
    },
    ProgrammingError("LSTM: 0 inputs, 4 hidden units and 1 layers; expected 1 or more of each") { layer(inputs: 0) },
    ProgrammingError("LSTM: 3 inputs, 4 hidden units and 0 layers; expected 1 or more of each") { layer(layers: 0) },
    ProgrammingError("LSTM: dropout 1.0 is not in 0..<1") { layer(dropout: 1) },
  ]
}
