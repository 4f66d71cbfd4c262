import SliceGrad
import Testing

/// Scores and distances of rows, and losses of candidates: their outputs, and the gradients of their inputs when the
/// output's gradient is `upstream`.
struct CandidateFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let op: String
    let inputs: [NestedNumbers]
    let output: NestedNumbers
    let upstream: NestedNumbers
    let gradients: [NestedNumbers]

    let kind: String?
    let rows: [Int32]?
    let splits: [Int32]?
    let reduction: String?
    let margin: Double?
    let classes: [Int32]?
    let frequencies: [Double]?
    let groups: [Int32]?
    let logProbabilities: [Double]?

    var description: String { [op, kind, reduction].compactMap { $0 }.joined(separator: " ") }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "candidates").count == 46)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "candidates"))
  func outputAndGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    let inputs = fixture.inputs.map(\.tensor)
    let model = Inputs(
      table: EmbeddingTable(fixture.kind == nil ? Tensor(zeros: [1, 1]) : inputs[0]),
      tensors: (fixture.kind == nil ? inputs[...] : inputs.dropFirst()).map { Parameter($0) })

    var output = Tensor<Double>(zeros: [])
    let (_, gradients) = try valueWithGradients(at: model) { model in
      let variables = model.tensors.map(\.variable)
      let result = try fixture.kind == nil ? fixture.loss(variables) : fixture.comparison(model.table, variables.first)
      output = result.value
      return (result * fixture.upstream.tensor).sum()
    }

    expectAgreement(output, fixture.output.tensor, "the output")
    var found: [Tensor<Double>] = []
    if fixture.kind != nil {
      let slices = try #require(gradients[\.table, in: model])
      #expect(slices.isCoalesced)
      found.append(slices.densified())
    }
    for i in model.tensors.indices { found.append(try #require(gradients[\.tensors[i], in: model])) }
    try #require(found.count == fixture.gradients.count)
    for (number, (found, expected)) in zip(found, fixture.gradients).enumerated() {
      expectAgreement(found, expected.tensor, "the gradient of input \(number)")
    }
  }
}

private struct Inputs: Module {
  typealias Scalar = Double
  var table: EmbeddingTable<Double>
  var tensors: [Parameter<Double>]

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&table, "table")
    visit(&tensors, "tensors")
  }
}

extension CandidateFixtureTests.Case {
  /// Compares rows of the table with x. “tied” has no x: it compares rows with rows.
  fileprivate func comparison(_ table: EmbeddingTable<Double>, _ x: Variable<Double>?) throws -> Variable<Double> {
    let distance = Distance(rawValue: try #require(kind))
    if distance == nil && kind != "dot" { throw UnknownInFixture(kind!) }
    if op == "tied" {
      let x = table.gather([5, 1, 5])
      let own = distance.map { table.distances(of: [0, 1, 2], shape: [3, 1], to: x, $0) }
      let all = distance.map { table.distances(to: x, $0) }
      return (all ?? table.scores(against: x)) + (own ?? table.scores(of: [0, 1, 2], shape: [3, 1], against: x))
    }
    let x = try #require(x)
    if op == "all" { return distance.map { table.distances(to: x, $0) } ?? table.scores(against: x) }
    let rows = try #require(rows)
    switch op {
    case "lists":
      return distance.map { table.distances(of: rows, shape: [3, 4], to: x, $0) }
        ?? table.scores(of: rows, shape: [3, 4], against: x)
    case "bags":
      let bags = RaggedIndices(values: rows, rowSplits: try #require(splits))
      return distance.map { table.distances(of: bags, to: x, $0) } ?? table.scores(of: bags, against: x)
    case "shared":
      return distance.map { table.distances(of: rows, to: x, $0) } ?? table.scores(of: rows, against: x)
    default: throw UnknownInFixture(op)
    }
  }

  /// A loss of two inputs: scores of true and of drawn rows, or vectors that belong together.
  fileprivate func loss(_ x: [Variable<Double>]) throws -> Variable<Double> {
    let name = try #require(reduction)
    let reduction = try #require(LossReduction(rawValue: name))
    switch op {
    case "negativeSampling": return negativeSampling(x[0], x[1], reduction: reduction)
    case "marginRanking": return marginRanking(x[0], x[1], margin: try #require(margin), reduction: reduction)
    case "bayesianPersonalizedRanking": return bayesianPersonalizedRanking(x[0], x[1], reduction: reduction)
    case "sampledSoftmaxCrossEntropy":
      let sampler = RowSampler(frequencies: try #require(frequencies))
      return sampledSoftmaxCrossEntropy(
        x[0], x[1], classes: try #require(classes), drawn: try #require(rows), by: sampler, reduction: reduction)
    case "batchSoftmax": return batchSoftmaxCrossEntropy(x[0], x[1], scale: 3, reduction: reduction)
    case "batchSoftmaxBothWays":
      let logProbabilities = Tensor(try #require(logProbabilities))
      return batchSoftmaxCrossEntropy(
        x[0], x[1], scale: 3, groups: groups, logProbabilities: logProbabilities, bothWays: true,
        reduction: reduction)
    default: throw UnknownInFixture(op)
    }
  }
}
