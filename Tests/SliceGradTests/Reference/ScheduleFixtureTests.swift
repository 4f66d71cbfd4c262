import SliceGrad
import Testing

/// Learning rates of schedules, and clipping by the global norm.
struct ScheduleFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let schedule: String?
    let clip: String?

    // A schedule: PyTorch's arguments, and the learning rate of each step.
    let base: Double?
    let stepSize: Int?
    let gamma: Double?
    let period: Int?
    let minimum: Double?
    let start: Double?
    let end: Double?
    let steps: Int?
    let rates: [Double]?

    // Clipping: the gradients before and after, and their norm before.
    let maximum: Double?
    let gradients: [NestedNumbers]?
    let norm: Double?
    let clipped: [NestedNumbers]?

    var description: String { schedule ?? clip ?? "neither a schedule nor clipping" }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "schedules").count == 7)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "schedules"))
  func ratesAndClippedGradients(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    switch (fixture.schedule, fixture.clip) {
    case (let name?, nil): try fixture.expectRates(of: fixture.schedule(named: name))
    case (nil, "globalNorm"): try fixture.expectClippedGradients()
    default: throw UnknownInFixture(fixture.description)
    }
  }
}

extension ScheduleFixtureTests.Case {
  fileprivate func schedule(named name: String) throws -> Schedule {
    switch name {
    case "step": return .step(every: try #require(stepSize), factor: try #require(gamma))
    case "exponential": return .exponential(factor: try #require(gamma))
    case "cosine":
      // PyTorch's minimum is a learning rate, ours a factor.
      return .cosine(steps: try #require(period), minimum: try #require(minimum) / (try #require(base)))
    case "linear": return .linear(from: try #require(start), to: try #require(end), steps: try #require(steps))
    default: throw UnknownInFixture(name)
    }
  }

  fileprivate func expectRates(of schedule: Schedule) throws {
    let (base, rates) = (try #require(base), try #require(rates))
    #expect(rates.count == 20)
    expectAgreement(Tensor(rates.indices.map { base * schedule($0) }), Tensor(rates), "the learning rates")
  }

  /// The fixture's gradients are those of Σ parameter · gradient. The first of them is tried as a parameter's and as a
  /// table's.
  fileprivate func expectClippedGradients() throws {
    let gradients = try #require(gradients).map(\.tensor)
    let clipped = try #require(clipped).map(\.tensor)
    let model = TwoMatricesAndAVector()
    #expect(gradients.map(\.shape) == [[3, 2], [4]] && clipped.map(\.shape) == [[3, 2], [4]])

    for usesTable in [false, true] {
      var (_, found) = valueWithGradients(at: model) { model in
        let matrix = usesTable ? model.table.gather([2, 0, 1]) : model.matrix.variable
        let gradient = usesTable ? Variable(gradients[0]).gather([2, 0, 1]) : Variable(gradients[0])
        return (matrix * gradient).sum() + (model.vector.variable * Variable(gradients[1])).sum()
      }
      let norm = found.clip(toGlobalNorm: try #require(maximum))

      let matrixGradient = usesTable ? found[\.table, in: model]?.densified() : found[\.matrix, in: model]
      expectAgreement(norm, try #require(self.norm), "the norm")
      expectAgreement(try #require(matrixGradient), clipped[0], "the clipped gradient of the matrix")
      expectAgreement(try #require(found[\.vector, in: model]), clipped[1], "the clipped gradient of the vector")
    }
  }
}

/// A model whose gradients can be any that are wanted.
private struct TwoMatricesAndAVector: Module {
  typealias Scalar = Double
  var table = EmbeddingTable(Tensor<Double>(zeros: [3, 2]))
  var matrix = Parameter(Tensor<Double>(zeros: [3, 2]))
  var vector = Parameter(Tensor<Double>(zeros: [4]))

  mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
    visit(&table, "table")
    visit(&matrix, "matrix")
    visit(&vector, "vector")
  }
}
