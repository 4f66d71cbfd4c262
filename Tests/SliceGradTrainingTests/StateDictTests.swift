import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Layers that take the `state_dict` of PyTorch's, and then compute what PyTorch computes.
@Suite struct StateDictTests {
  /// `layers.json`: elements of two sequences, and what each layer returns for them.
  private struct Contents: Decodable {
    let x: [[[Float]]]
    let gru: [[[[Float]]]]
    let lstm: [[[[Float]]]]
    let batchNorm: [[[Float]]]
  }

  private let contents: Contents

  init() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    contents = try decoder.decode(Contents.self, from: Data(contentsOf: fixture("layers.json")))
  }

  /// Numbers of Float beside those of Double, all of them below 4.
  private func expectAgreement(
    _ found: [Variable<Float>], _ expected: [Tensor<Float>], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.map(\.shape) == expected.map(\.shape), sourceLocation: sourceLocation)
    for (found, expected) in zip(found, expected) {
      #expect((found.value - expected).abs().max().scalar < 1e-6, sourceLocation: sourceLocation)
    }
  }

  @Test func recurrentLayers() throws {
    var generator = RandomGenerator(seed: 1)
    let x = Sequences(padded: Variable(Tensor(contents.x)))
    var gru = GRU<Float>(inputs: 3, hidden: 4, layers: 2, isBidirectional: true, using: &generator)
    try gru.load(from: fixture("gru.safetensors"))
    let (outputs, states) = gru(x)
    expectAgreement([outputs.padded, states], contents.gru.map { Tensor($0) })
    var lstm = LSTM<Float>(inputs: 3, hidden: 4, layers: 2, isBidirectional: true, using: &generator)
    try lstm.load(from: fixture("lstm.safetensors"))
    let (others, state) = lstm(x)
    expectAgreement([others.padded, state.hidden, state.cell], contents.lstm.map { Tensor($0) })

    expectError("tensor “weight_ih_l0”: found shape [12, 3], expected [16, 3]") {
      try lstm.load(from: fixture("gru.safetensors"))
    }
  }

  /// PyTorch counts the batches in an integer, which no layer here has.
  @Test func batchNorm() throws {
    var layer = BatchNorm<Float>(features: 3)
    let report = try layer.loadWhatFits(from: fixture("batch_norm.safetensors"))
    #expect(report.taken == ["weight", "bias", "running_mean", "running_var"])
    #expect(report.unexpected == ["num_batches_tracked"] && report.missing.isEmpty && report.mismatched.isEmpty)
    expectAgreement([layer(Variable(Tensor(contents.x[0])))], contents.batchNorm.map { Tensor($0) })
    expectError(
      "found “num_batches_tracked”, which BatchNorm<Float> hasn't, expected the 4 tensors of BatchNorm<Float>"
    ) {
      try layer.load(from: fixture("batch_norm.safetensors"))
    }
  }
}
