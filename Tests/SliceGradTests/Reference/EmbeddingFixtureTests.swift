import SliceGrad
import Testing

/// Look-ups in a table: their outputs, and the table's gradient when the output's gradient is `upstream`.
struct EmbeddingFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let op: String
    let table: NestedNumbers
    let indices: NestedNumbers
    let output: NestedNumbers
    let upstream: NestedNumbers
    let tableGradient: NestedNumbers

    let paddingIndex: Int32?
    let scaleGradientByFrequency: Bool?
    /// Where each bag begins; `RaggedIndices` also has where the last one ends.
    let offsets: [Int32]?
    let mode: String?
    let perSampleWeights: NestedNumbers?

    var description: String { [op, mode].compactMap { $0 }.joined(separator: " ") }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "embeddings").count == 9)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "embeddings"))
  func outputAndTableGradient(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    let model = Table(rows: EmbeddingTable(fixture.table.tensor))

    var output = Tensor<Double>(zeros: [])
    let (_, gradients) = try valueWithGradients(at: model) { model in
      let result = try fixture.lookUp(in: model.rows)
      output = result.value
      return (result * Variable(fixture.upstream.tensor)).sum()
    }

    let gradient = try #require(gradients[\.rows, in: model])
    expectAgreement(output, fixture.output.tensor, "the output")
    expectAgreement(gradient.densified(), fixture.tableGradient.tensor, "the table's gradient")
    #expect(gradient.isCoalesced)
  }
}

/// A model that is nothing but a table.
private struct Table: Module {
  typealias Scalar = Double
  var rows: EmbeddingTable<Double>

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&rows, "rows") }
}

extension EmbeddingFixtureTests.Case {
  fileprivate func lookUp(in table: EmbeddingTable<Double>) throws -> Variable<Double> {
    let rowNumbers = indices.tensor.elements.map { Int32($0) }
    switch op {
    case "embedding":
      return table.gather(
        rowNumbers, shape: indices.tensor.shape, paddingIndex: paddingIndex,
        scalesGradientByFrequency: scaleGradientByFrequency ?? false)
    case "embeddingBag":
      let bags = RaggedIndices(values: rowNumbers, rowSplits: try #require(offsets) + [Int32(rowNumbers.count)])
      return table.embeddingBag(
        bags, mode: try #require(BagMode(rawValue: mode ?? "nil")),
        weights: perSampleWeights.map { Variable($0.tensor) }, paddingIndex: paddingIndex)
    default: throw UnknownInFixture(op)
    }
  }
}
