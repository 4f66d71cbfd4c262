import SliceGrad
import Testing

/// Rules for tables: the table after each of a sequence of slices, whose rows may repeat and which may have none.
struct SparseOptimizerFixtureTests {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    struct Step: Decodable, Sendable {
      let indices: [Int32]
      let values: NestedNumbers
    }
    let dtype: String
    let optimizer: String
    let rows: Int
    let columns: Int
    let table: NestedNumbers
    let steps: [Step]
    /// The table after each step.
    let tables: [NestedNumbers]

    let lr: Double
    let eps: Double?

    // SparseAdam's arguments and its state after the last step.
    let beta1: Double?
    let beta2: Double?
    let maximize: Bool?
    let biasCorrection: String?
    let epsilonPlacement: String?
    let firstMoment: NestedNumbers?
    let secondMoment: NestedNumbers?
    /// For each row, in how many steps it had a gradient; PyTorch's own SparseAdam doesn't say.
    let activeSteps: [Int]?

    // Adagrad's.
    let lrDecay: Double?

    var description: String { [optimizer, biasCorrection, epsilonPlacement].compactMap { $0 }.joined(separator: " ") }
  }

  @Test func allCasesAreThere() throws {
    #expect(try FixtureCase<Case>.all(in: "sparse_optimizers").count == 35)
  }

  @Test(arguments: try FixtureCase<Case>.all(in: "sparse_optimizers"))
  func tableAfterEachStep(_ fixture: FixtureCase<Case>) throws {
    let fixture = fixture.content
    #expect(fixture.steps.count >= 10)
    switch fixture.dtype {
    case "float64": try fixture.reproduce(as: Double.self)
    case "float32": try fixture.reproduce(as: Float.self)
    default: throw UnknownInFixture(fixture.dtype)
    }
  }
}

extension SparseOptimizerFixtureTests.Case {
  /// Chooses SliceGrad's rule of the case's name.
  fileprivate func reproduce<Scalar: TensorScalar>(as type: Scalar.Type) throws {
    switch optimizer {
    case "SparseAdam":
      let rule = SparseAdam<Scalar>(
        learningRate: lr, beta1: try #require(beta1), beta2: try #require(beta2), epsilon: try #require(eps),
        biasCorrection: try #require(.init(rawValue: biasCorrection ?? "nil")),
        epsilonPlacement: try #require(.init(rawValue: epsilonPlacement ?? "nil")))
      try expectMoments(in: maximize == true ? follow(Maximizing(rule)) : follow(rule))
    case "Adagrad":
      let state = try follow(
        Adagrad<IndexedSlices<Scalar>>(
          learningRate: lr, learningRateDecay: try #require(lrDecay), epsilon: try #require(eps)))
      #expect(state.step == steps.count)
    case "SGD":
      _ = try follow(SGD<IndexedSlices<Scalar>>(learningRate: lr))
    default: throw UnknownInFixture(optimizer)
    }
  }

  /// Takes the steps by a rule, and returns the state after the last one.
  private func follow<Rule: Optimizer, Scalar>(_ rule: Rule) throws -> Rule.State
  where Rule.Gradient == IndexedSlices<Scalar> {
    var table = Tensor<Scalar>(self.table.tensor)
    #expect(table.shape == [rows, columns])
    var state = rule.initialState(for: table.shape)
    try #require(tables.count == steps.count)
    for (step, (slices, expected)) in zip(steps, tables).enumerated() {
      // The values of an empty gradient are written as [], which doesn't tell the number of columns.
      let values = Tensor<Scalar>(slices.values.tensor).reshaped(to: [slices.indices.count, columns])
      let gradient = IndexedSlices(indices: slices.indices, values: values, denseShape: table.shape)
      rule.update(&table, with: gradient, state: &state, learningRateFactor: 1)
      expectAgreement(table, expected.tensor, "the table after step \(step)")
    }
    return state
  }

  /// Expects of each row its moments, zeros if it never had a gradient, and the number of steps in which it had one.
  private func expectMoments<Scalar>(in state: SparseAdam<Scalar>.State) throws {
    let activeSteps = (0..<rows).map { row in steps.count { $0.indices.contains(Int32(row)) } }
    if let fromFixture = self.activeSteps { #expect(activeSteps == fromFixture) }
    #expect(state.step == steps.count)
    #expect((0..<rows).map { state.moments.touches(ofRow: $0) } == activeSteps)
    #expect(state.moments.rows.count == activeSteps.count { $0 > 0 })

    let (shape, zeros): (Shape, _) = ([rows, columns], Array(repeating: 0 as Scalar, count: columns)[...])
    for row in 0..<rows {
      #expect((state.moments[row: row] != nil) == (activeSteps[row] > 0), "state of row \(row)")
    }
    let keepsFirst = beta1 != 0  // Otherwise it is the last gradient.
    #expect(state.moments.width == (keepsFirst ? 2 * columns : columns))
    if keepsFirst {
      let found = (0..<rows).flatMap { state.firstMoment(ofRow: $0) ?? zeros }
      expectAgreement(Tensor(shape: shape, elements: found), try #require(firstMoment).tensor, "m")
    }
    let found = (0..<rows).flatMap { state.secondMoment(ofRow: $0) ?? zeros }
    expectAgreement(Tensor(shape: shape, elements: found), try #require(secondMoment).tensor, "v")
  }
}
