import SliceGrad
import Testing

/// Layers over sequences: their outputs, and the gradients of their parameters and inputs. Inputs and outputs are
/// padded in the fixtures, so that the padding is checked too.
struct SequenceFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let layer: String
    let parameters: [String: NestedNumbers]
    let inputs: [String: NestedNumbers]
    let outputs: [String: NestedNumbers]
    let upstream: [String: NestedNumbers]
    let gradients: [String: NestedNumbers]
    let lengths: [Int]

    // The settings of one layer or another.
    let layers: Int?
    let isBidirectional: Bool?
    let length: Int?
    let stride: Int?
    let dilation: Int?
    let padding: String?
    let runningMean: NestedNumbers?
    let runningVar: NestedNumbers?
    let evaluated: NestedNumbers?

    var description: String { "\(layer) of lengths \(lengths)" }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "sequences").count == 42)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "sequences"))
  func outputsAndGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    var generator = RandomGenerator(seed: 1)
    let size = try #require(fixture.inputs["x"]).tensor.shape[2]
    switch fixture.layer {
    case "GRU":
      let layer = GRU<Double>(
        inputs: size, hidden: 4, layers: fixture.layers!, isBidirectional: fixture.isBidirectional!, using: &generator)
      try fixture.check(layer) { layer, x, inputs in
        let (outputs, final) = layer(x, initial: inputs["hidden"]?.variable)
        return ["output": outputs.padded, "hidden": final]
      }
    case "LSTM":
      let layer = LSTM<Double>(
        inputs: size, hidden: 4, layers: fixture.layers!, isBidirectional: fixture.isBidirectional!, using: &generator)
      try fixture.check(layer) { layer, x, inputs in
        let initial = inputs["hidden"].map { LSTM.State(hidden: $0.variable, cell: inputs["cell"]!.variable) }
        let (outputs, final) = layer(x, initial: initial)
        return ["output": outputs.padded, "hidden": final.hidden, "cell": final.cell]
      }
    case "Conv1D":
      let layer = Conv1D<Double>(
        inputs: size, outputs: 3, length: fixture.length!, stride: fixture.stride!, dilation: fixture.dilation!,
        padding: try WindowPadding(inFixture: fixture.padding!), using: &generator)
      try fixture.check(layer) { layer, x, _ in
        fixture.outputs["maximum"] == nil ? ["output": layer(x).padded] : ["maximum": layer.maximum(over: x)]
      }
    case "BatchNorm":
      let layer = try fixture.check(BatchNorm<Double>(features: size, momentum: 0.3)) { layer, x, _ in
        ["output": x.map { layer($0) }.padded]
      }
      expectAgreement(layer.runningMean.value, fixture.runningMean!.tensor, "the running means")
      expectAgreement(layer.runningVariance.value, fixture.runningVar!.tensor, "the running variances")
      let x = fixture.inputs["x"]!.tensor
      var evaluated = layer
      evaluated.forEachParameter { name, value in value = fixture.parameters[name]?.tensor ?? value }
      let result = evaluated(Variable(x.reshaped(to: [x.shape[1], size]))).value
      expectAgreement(result, fixture.evaluated!.tensor, "the output outside of a step")
    case "RMSNorm":
      try fixture.check(RMSNorm<Double>([size])) { layer, x, _ in ["output": x.map { layer($0) }.padded] }
    case "pooling":
      let score = Dense<Double>(inputs: size, outputs: 1, hasBias: false, using: &generator)
      try fixture.check(score) { score, x, _ in
        let attention = x.sum(weights: x.map { score($0) }.softmax().values)
        return ["sum": x.sum(), "mean": x.mean(), "max": x.max(), "attention": attention]
      }
    default: throw UnknownInFixture(fixture.layer)
    }
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "sequences").filter { $0.content.isBidirectional == false })
  func stepByStep(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    var generator = RandomGenerator(seed: 1)
    let size = try #require(fixture.inputs["x"]).tensor.shape[2]
    let hidden = fixture.inputs["hidden"].map { Variable($0.tensor) }
    if fixture.layer == "GRU" {
      var layer = GRU<Double>(inputs: size, hidden: 4, layers: fixture.layers!, using: &generator)
      layer.forEachParameter { name, value in value = fixture.parameters[name]!.tensor }
      fixture.check(hidden.map(layer.stepper) ?? layer.stepper(sequences: fixture.lengths.count))
    } else {
      var layer = LSTM<Double>(inputs: size, hidden: 4, layers: fixture.layers!, using: &generator)
      layer.forEachParameter { name, value in value = fixture.parameters[name]!.tensor }
      let state = hidden.map { LSTM.State(hidden: $0, cell: Variable(fixture.inputs["cell"]!.tensor)) }
      fixture.check(state.map(layer.stepper) ?? layer.stepper(sequences: fixture.lengths.count))
    }
  }
}

extension WindowPadding {
  /// “same”, “causal” or the number of zeros on either side.
  fileprivate init(inFixture name: String) throws {
    switch name {
    case "same": self = .same
    case "causal": self = .causal
    default:
      guard let zeros = Int(name) else { throw UnknownInFixture(name) }
      self = .zeros(before: zeros, after: zeros)
    }
  }
}

/// A layer, and inputs with respect to which gradients are computed as well.
private struct Tracked<Layer: Module>: Module where Layer.Scalar == Double {
  typealias Scalar = Double
  var layer: Layer
  var inputs: [String: Parameter<Double>]

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&layer, "layer")
    for name in inputs.keys.sorted() { visit(&inputs[name], name) }
  }
}

extension SequenceFixtureTests.Case {
  /// Expects the outputs that the fixture has, one element of each sequence after another. A sequence leaves the batch
  /// at its end.
  fileprivate func check(_ stepper: RecurrentStepper<Double>) {
    let (x, expected) = (inputs["x"]!.tensor, outputs["output"]!.tensor)
    var (stepper, open, found) = (stepper, Array(lengths.indices), Tensor<Double>(zeros: expected.shape))
    for time in 0..<expected.shape[1] {
      let places = open.indices.filter { lengths[open[$0]] > time }
      stepper.keep(places)
      open = places.map { open[$0] }
      let output = stepper(.stack(open.map { x.row($0).row(time) }))
      for (place, sequence) in open.enumerated() {
        for unit in 0..<4 { found[sequence, time, unit] = output[place, unit] }
      }
    }
    expectAgreement(found, expected, "the outputs of a stepper")
  }

  /// Expects a layer to compute what the fixture has, and returns it as it is after an update with the rate 1.
  @discardableResult
  fileprivate func check<Layer: Module>(
    _ layer: Layer,
    _ outputs: (Layer, Sequences<Double>, [String: Parameter<Double>]) -> [String: Variable<Double>]
  ) throws -> Layer where Layer.Scalar == Double {
    var layer = layer
    let isBuffer = { (name: String) in name.hasPrefix("running") }
    #expect(Set(layer.parameterNames.filter { !isBuffer($0) }) == Set(parameters.keys))
    layer.forEachParameter { name, value in value = parameters[name]?.tensor ?? value }
    var model = Tracked(layer: layer, inputs: inputs.mapValues { Parameter($0.tensor) })
    let before = model.namedValues

    var found: [String: Tensor<Double>] = [:]
    let (_, gradients) = valueWithGradients(at: model) { model in
      let x = Sequences(padded: model.inputs["x"]!.variable, lengths: lengths)
      let results = outputs(model.layer, x, model.inputs)
      found = results.mapValues(\.value)
      return results.map { ($1 * upstream[$0]!.tensor).sum() }.reduce(Variable(Tensor(0))) { $0 + $1 }
    }
    #expect(Set(found.keys) == Set(self.outputs.keys))
    for (name, expected) in self.outputs { expectAgreement(try #require(found[name]), expected.tensor, name) }

    // With a rate of 1, an update subtracts the gradient.
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1))
    optimizer.update(&model, with: gradients)
    for (name, after) in model.namedValues where !isBuffer(name) {
      let expected = try #require(self.gradients[name]).tensor
      expectAgreement(before[name]! - after, expected, "the gradient of \(name)")
    }
    return model.layer
  }
}

extension Tracked {
  /// The numbers of parameters and inputs by the fixtures' names.
  fileprivate var namedValues: [String: Tensor<Double>] {
    var (copy, values): (Self, [String: Tensor<Double>]) = (self, [:])
    copy.forEachParameter { name, value in
      values[name.hasPrefix("layer.") ? String(name.dropFirst("layer.".count)) : name] = value
    }
    return values
  }
}
