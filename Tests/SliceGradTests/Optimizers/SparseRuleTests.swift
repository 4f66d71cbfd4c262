import SliceGrad
import Testing

/// The rules for tables, number by number against their plain loops: rows with a gradient follow the rule, others stay.
@Suite struct SparseRuleTests {
  private static let shape: Shape = [9, 3]

  /// 40 steps on random slices with repeats, some of them empty, beside a plain loop over the rows with a gradient.
  @Test(arguments: RuleCases<Double>.sparse.indices)
  func rowByRow(index: Int) throws {
    func check(_ rule: some Optimizer<IndexedSlices<Double>>) throws {
      guard let plainly = rule as? any PlainlyWritten, let start = plainly.plain else { return }
      var generator = RandomGenerator(seed: 1)
      let first = generator.tensor(Self.shape, of: Double.self)
      var (table, state) = (first, rule.initialState(for: Self.shape))
      var expected = (0..<9).map { Array(table.row($0).elements) }
      var plain = [any PlainRule](repeating: start, count: 9)
      var touches = [Int](repeating: 0, count: 9)
      for step in 1...40 {
        let slices = generator.slices(Self.shape, count: step % 5 == 0 ? 0 : 4, of: Double.self)
        let factor = step % 3 == 0 ? 0.5 : 1
        rule.update(&table, with: slices, state: &state, learningRateFactor: factor)
        let gradient = slices.densified()
        for row in Set(slices.indices.map(Int.init)) {
          touches[row] += 1
          plain[row].update(
            &expected[row], Array(gradient.row(row).elements), rate: plainly.learningRate * factor, step: step,
            rowStep: touches[row])
        }
        #expect(table.distance(to: Tensor(expected)) < 1e-12, "\(rule), step \(step)")
        for row in 0..<9 where touches[row] == 0 { #expect(table.row(row).hasSameBits(as: first.row(row))) }
      }
      #expect((table - first).squaredNorm > 0.01, "\(rule)")
    }
    try check(RuleCases.sparse[index])
  }

  /// Only those that another test looks at have no plain loop.
  @Test func rulesWithoutPlainLoops() {
    let others = RuleCases<Double>.sparse.filter { ($0 as? any PlainlyWritten)?.plain == nil }
    #expect(Set(others.map { "\($0)".prefix { $0 != "(" } }) == ["SparseAdam", "Maximizing", "Densifying"])
    #expect(others.count == 6)
  }

  /// A dense rule on the whole table, untouched rows and their momentum included.
  @Test func densifying() {
    var generator = RandomGenerator(seed: 2)
    let rule = Adam<Float>(learningRate: 0.1, weightDecay: .decoupled(0.1), amsgrad: true)
    let densifying = Densifying(rule)
    var table = generator.tensor(Self.shape, of: Float.self)
    var expected = table
    var (state, expectedState) = (densifying.initialState(for: Self.shape), rule.initialState(for: Self.shape))
    for step in 0..<20 {
      let slices = generator.slices(Self.shape, count: step % 4, of: Float.self)
      densifying.update(&table, with: slices, state: &state, learningRateFactor: 0.5)
      rule.update(&expected, with: slices.densified(), state: &expectedState, learningRateFactor: 0.5)
      #expect(table.hasSameBits(as: expected))
    }
    #expect(state.step == 20)
    #expect(state.secondMoment.hasSameBits(as: expectedState.secondMoment))
  }

  /// What a dense rule puts off is made up for in a table too.
  @Test func densifyingSettles() {
    struct Halving: Optimizer {
      func update(
        _ parameter: inout Tensor<Double>, with gradient: Tensor<Double>, state: inout EmptyState,
        learningRateFactor: Double
      ) {}
      func catchUp(_ parameter: inout Tensor<Double>, rows: [Int32]?, state: inout EmptyState) {
        parameter *= rows == nil ? 0.5 : 3
      }
      var rowChanges: RowChanges { .postponed }
    }
    #expect(Densifying(Halving()).rowChanges == .postponed && Densifying(Adam<Double>()).rowChanges == .all)
    var (table, state) = (Tensor<Double>(ones: [2, 1]), EmptyState())
    Densifying(Halving()).settle(&table, state: &state)
    #expect(table == Tensor(repeating: 0.5, shape: [2, 1]))
    Densifying(Halving()).catchUp(&table, rows: [1], state: &state)
    #expect(table == Tensor(repeating: 1.5, shape: [2, 1]))
  }

  /// After a rule that may move every row, every row is limited, not only those with a gradient.
  @Test func limitsOfAllRows() {
    let rule = LimitingRowNorms(Densifying(SGD<Tensor<Double>>(learningRate: 1)), to: 1)
    var table = Tensor<Double>([[3, 4], [0.5, 0], [6, 8]])
    var state = rule.initialState(for: [3, 2])
    let gradient = IndexedSlices<Double>(indices: [1], values: Tensor([[0, 0.25]]), denseShape: [3, 2])
    rule.update(&table, with: gradient, state: &state)
    #expect(table.distance(to: Tensor([[0.6, 0.8], [0.5, -0.25], [0.6, 0.8]])) < 1e-15)
  }

  /// A state that another rule goes on with has that rule's bias corrections; late ones are Adam's too.
  @Test func correctionsFollowTheBetas() {
    let slices = IndexedSlices<Double>(indices: [1], values: Tensor([[1]]), denseShape: [3, 1])
    var table = Tensor<Double>(zeros: [3, 1])
    let rule = SparseAdam<Double>(learningRate: 1, beta1: 0.5, beta2: 0.5, epsilon: 0, biasCorrection: .activeSteps)
    var state = rule.initialState(for: [3, 1])
    rule.update(&table, with: slices, state: &state)
    let other = SparseAdam<Double>(learningRate: 1, beta1: 0, beta2: 0, epsilon: 0, biasCorrection: .activeSteps)
    other.update(&table, with: slices, state: &state)
    #expect(table[1, 0] == -2)

    let adam = Adam<Double>(learningRate: 1e-3)
    let late = SparseAdam<Double>(learningRate: 1e-3, biasCorrection: .activeSteps)
    var (number, adamState, lateState) = (
      Tensor<Double>([[0]]), adam.initialState(for: [1, 1]), late.initialState(for: [3, 1])
    )
    table = Tensor(zeros: [3, 1])
    for _ in 0..<(1 << 16) + 3 {
      adam.update(&number, with: Tensor([[1]]), state: &adamState)
      late.update(&table, with: slices, state: &lateState)
    }
    #expect(table[1, 0] == number[0, 0])
  }

  /// Slices of no rows change nothing, but count as an update of the table.
  @Test func emptySlices() {
    let empty = IndexedSlices<Double>(denseShape: Self.shape)
    let start = Tensor<Double>(ones: Self.shape)
    var table = start
    let (adam, sgd, adagrad) = (
      SparseAdam<Double>(), SGD<IndexedSlices<Double>>(learningRate: 1, momentum: 0.5), Adagrad<IndexedSlices<Double>>()
    )
    var (adamState, sgdState) = (adam.initialState(for: Self.shape), sgd.initialState(for: Self.shape))
    var adagradState = adagrad.initialState(for: Self.shape)
    for _ in 0..<3 {
      adam.update(&table, with: empty, state: &adamState, learningRateFactor: 1)
      sgd.update(&table, with: empty, state: &sgdState, learningRateFactor: 1)
      adagrad.update(&table, with: empty, state: &adagradState, learningRateFactor: 1)
    }
    #expect(table == start)
    #expect(adamState.step == 3 && adamState.moments.rows.isEmpty)
    #expect(sgdState.step == 3 && sgdState.momentum!.rows.isEmpty)
    #expect(adagradState.step == 3 && adagradState.sumOfSquares!.rows.isEmpty)
    // The first row then is updated as in the fourth step, not as in the first.
    let one = IndexedSlices(indices: [0], values: Tensor<Double>([[1, 1, 1]]), denseShape: Self.shape)
    adam.update(&table, with: one, state: &adamState, learningRateFactor: 1)
    var (parameter, plain) = (1.0, PlainAdam(learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8))
    plain.update(&parameter, 1, step: 4)
    #expect(abs(table[0, 0] - parameter) < 1e-15)
  }

  /// Tables without rows or without columns.
  @Test(arguments: [[0, 3], [3, 0]] as [[Int]])
  func degenerateTables(dimensions: [Int]) {
    let shape = Shape(dimensions)
    let slices = IndexedSlices(
      indices: shape[0] == 0 ? [] : [1, 1], values: Tensor<Float>(zeros: [shape[0] == 0 ? 0 : 2, shape[1]]),
      denseShape: shape)
    var table = Tensor<Float>(zeros: shape)
    let rule = SparseAdam<Float>(biasCorrection: .activeSteps)
    var state = rule.initialState(for: shape)
    rule.update(&table, with: slices, state: &state, learningRateFactor: 1)
    #expect(table.shape == shape && state.step == 1)
  }
}
