import SliceGrad
import Testing

/// Losses of conditional random fields, the gradients of all that goes into them when the output's gradient is
/// `upstream`, and the probabilities of tags.
struct ConditionalRandomFieldFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let inputs: [NestedNumbers]
    let output: NestedNumbers
    let upstream: NestedNumbers
    let gradients: [NestedNumbers]
    let reduction: String
    let lengths: [Int]
    let tags: [Int32]
    let marginals: NestedNumbers

    var description: String { "\(reduction) of \(lengths)" }

    /// The tags of each sequence.
    var bags: RaggedIndices {
      RaggedIndices(values: tags, rowSplits: lengths.reduce(into: [0]) { $0.append($0.last! + Int32($1)) })
    }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "crf").count == 15)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "crf"))
  func outputAndGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    let inputs = fixture.inputs.map(\.tensor)
    let reduction = try #require(LossReduction(rawValue: fixture.reduction))
    let model = TaggedEmissions(
      emissions: inputs[0], field: ConditionalRandomField(transitions: inputs[1], start: inputs[2], end: inputs[3]),
      tags: fixture.bags)

    expectAgreement(model.loss(reduction).value, fixture.output.tensor, "the output")
    let gradients = valueWithGradients(at: model) { ($0.loss(reduction) * fixture.upstream.tensor).sum() }.gradients
    let found = [
      gradients[\.emissions, in: model], gradients[\.field.transitions, in: model],
      gradients[\.field.start, in: model], gradients[\.field.end, in: model],
    ]
    for (number, (found, expected)) in zip(found, fixture.gradients).enumerated() {
      expectAgreement(try #require(found), expected.tensor, "the gradient of input \(number)")
    }
    expectAgreement(model.field.marginals(model.sequences), fixture.marginals.tensor, "the probabilities of tags")
  }
}
