import SliceGrad

// Training steps of layers over sequences: forward, backward, and Adam for the layer and its input. The outputs are
// compared with plain loops, and the gradients with how these loops' loss changes along a direction.

extension Case {
  static var sequences: [Case] {
    let full = [Int](repeating: 64, count: 32)
    let ragged = (0..<32).map { 5 + $0 * 37 % 60 }
    return [full, ragged].flatMap { lengths in [recurrent("gru", lengths), recurrent("lstm", lengths)] } + [
      gruStep, textConvolution, batchNorm,
    ]
  }

  private static func recurrent(_ name: String, _ lengths: [Int]) -> Case {
    let (inputs, hidden) = (64, 128)
    return Case(
      name: name,
      details: [
        "batch": .number(lengths.count), "elements": .number(lengths.reduce(0, +)), "inputs": .number(inputs),
        "hidden": .number(hidden),
      ],
      prepare: {
        var generator = RandomGenerator(seed: 1)
        let step = SequenceStep(lengths: lengths, columns: inputs, using: &generator)
        if name == "gru" {
          let layer = GRU<Float>(inputs: inputs, hidden: hidden, using: &generator)
          let reference = RecurrentReference(layer.weights[0])
          return try step.prepare(layer, reference.gruOutputs) { layer, x in layer(x).outputs.values }
        }
        let layer = LSTM<Float>(inputs: inputs, hidden: hidden, using: &generator)
        let reference = RecurrentReference(layer.weights[0])
        return try step.prepare(layer, reference.lstmOutputs) { layer, x in layer(x).outputs.values }
      })
  }

  /// Inference, one element of one sequence at a time.
  private static var gruStep: Case {
    Case(
      name: "gruStep", details: ["batch": 1, "inputs": 64, "hidden": 128],
      prepare: {
        var generator = RandomGenerator(seed: 1)
        let layer = GRU<Float>(inputs: 64, hidden: 128, using: &generator)
        let x = Tensor<Float>(normal: [2, 64], using: &generator)
        let expected = RecurrentReference(layer.weights[0]).gruOutputs([x.elements.map(Double.init)], length: 2)[0]
        var stepper = layer.stepper()
        let elements = (0..<2).map { x.slice($0..<$0 + 1, axis: 0) }
        let state = elements.map { stepper($0) }[1]
        for (found, expected) in zip(state.elements, expected.suffix(128)) {
          try expect(found, equals: expected, tolerance: 1e-5, "an element of the state")
        }
        return PreparedCase(step: { _ = stepper(elements[0]) })
      })
  }

  /// Kim's network: filters of three lengths, and the maximum over the time of each.
  private static var textConvolution: Case {
    Case(
      name: "textConvolution",
      details: ["batch": 64, "length": 50, "inputs": 100, "filters": 100, "lengths": .numbers([3, 4, 5])],
      prepare: {
        var generator = RandomGenerator(seed: 1)
        let step = SequenceStep(lengths: Array(repeating: 50, count: 64), columns: 100, using: &generator)
        let layers = [3, 4, 5].map { Conv1D<Float>(inputs: 100, outputs: 100, length: $0, using: &generator) }
        let reference = ConvolutionReference(layers)
        return try step.prepare(layers, reference.maxima) { layers, x in
          .concatenate(layers.map { $0.maximum(over: x) }, axis: 1)
        }
      })
  }

  private static var batchNorm: Case {
    Case(
      name: "batchNorm", details: ["batch": 256, "columns": 200],
      prepare: {
        var generator = RandomGenerator(seed: 1)
        let step = SequenceStep(lengths: [256], columns: 200, using: &generator)
        return try step.prepare(BatchNorm<Float>(features: 200), normalizedColumns) { layer, x in layer(x.values) }
      })
  }
}

/// A layer, and the elements of the sequences that it is applied to.
private struct LayerAndInput<Layer: Module<Float>>: Module {
  var layer: Layer
  var x: Parameter<Float>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&layer, "layer")
    visit(&x, "x")
  }
}

/// The input of a step over sequences of some lengths.
private struct SequenceStep {
  /// A plain loop: from the elements of each sequence, one after another, to the outputs for it.
  typealias Reference = (_ sequences: [[Double]], _ length: Int) -> [[Double]]

  let rowSplits: [Int32]
  let x: Tensor<Float>
  private let direction: Tensor<Float>

  init(lengths: [Int], columns: Int, using generator: inout RandomGenerator) {
    rowSplits = lengths.reduce(into: [0]) { $0.append($0.last! + Int32($1)) }
    x = Tensor(normal: [lengths.reduce(0, +), columns], using: &generator)
    direction = Tensor(normal: x.shape, using: &generator)
  }

  /// The step whose loss is half the sum of the outputs' squares, checked.
  func prepare<Layer: Module<Float>>(
    _ layer: Layer, _ reference: Reference, _ outputs: @escaping (Layer, Sequences<Float>) -> Variable<Float>
  ) throws -> PreparedCase {
    var model = LayerAndInput(layer: layer, x: Parameter(x))
    let rowSplits = rowSplits
    func gradients() -> (value: Float, gradients: Gradients<LayerAndInput<Layer>>) {
      valueWithGradients(at: model) { model in
        outputs(model.layer, Sequences(values: model.x.variable, rowSplits: rowSplits)).square().sum() * 0.5
      }
    }
    let result = gradients()
    let expected = loss(reference, at: 0)
    try expect(result.value, equals: expected, tolerance: 1e-4 * expected, "the loss")
    let slope = (loss(reference, at: 1e-6) - loss(reference, at: -1e-6)) / 2e-6
    let gradient = result.gradients[\.x, in: model]!
    let found = Double((gradient * direction).sum().scalar)
    try expect(found, equals: slope, tolerance: 1e-3 * max(slope.magnitude, 1), "the slope of the loss")

    var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 1e-3))
    return PreparedCase(
      stateBytes: optimizer.stateByteCount, step: { optimizer.update(&model, with: gradients().gradients) })
  }

  /// The plain loop's loss at the input, moved along the direction.
  private func loss(_ reference: Reference, at distance: Double) -> Double {
    let columns = x.shape[1]
    let moved = zip(x.elements, direction.elements).map { Double($0) + distance * Double($1) }
    return (0..<rowSplits.count - 1).reduce(0) { sum, i in
      let rows = Int(rowSplits[i])..<Int(rowSplits[i + 1])
      let outputs = reference([Array(moved[rows.lowerBound * columns..<rows.upperBound * columns])], rows.count)
      return sum + outputs.joined().reduce(0) { $0 + $1 * $1 / 2 }
    }
  }
}

/// Columns less their means, divided by their deviations.
private func normalizedColumns(_ sequences: [[Double]], length: Int) -> [[Double]] {
  sequences.map { x in
    let columns = x.count / length
    var result = x
    for j in 0..<columns {
      let column = Swift.stride(from: j, to: x.count, by: columns).map { x[$0] }
      let mean = column.reduce(0, +) / Double(length)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      for i in 0..<length { result[i * columns + j] = (column[i] - mean) / (variance + 1e-5).squareRoot() }
    }
    return result
  }
}
