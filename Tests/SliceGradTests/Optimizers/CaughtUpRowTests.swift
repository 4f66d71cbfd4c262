import SliceGrad
import Testing

/// SparseAdam with rows that catch up is Adam on the whole table.
@Suite struct CaughtUpRowTests {
  private static let shape: Shape = [9, 4]

  /// A training of a table in which rows are seen in every step, rarely, once and never, and some are read without a
  /// gradient. Gradients are large, small, about ε = 1e-8 and far below; learning rates rise and fall.
  private struct Steps<Scalar: TensorScalar> {
    let count: Int
    var generator = RandomGenerator(seed: 3)

    mutating func run(
      _ body: (_ step: Int, _ reads: [Int32], _ slices: IndexedSlices<Scalar>, _ factor: Double) -> Void
    ) {
      let scales = Tensor<Scalar>([1, 1e-3, 1e-7, 1e-11])
      for step in 1...count {
        var rows: [Int32] = [0]
        if step % 3 == 0 { rows.append(1) }
        if step % 50 == 7 { rows.append(2) }
        if step % 700 == 13 { rows.append(3) }
        if step == 5 { rows.append(4) }
        if step == count / 2 { rows.append(5) }
        if Int.random(in: 0..<90, using: &generator) == 0 { rows.append(6) }
        var reads = rows
        if step % 31 == 0 { reads += [6, 2, 6] }
        if step % 170 == 0 { reads += [3, 7] }
        let values = Tensor<Scalar>(normal: [rows.count, 4], using: &generator) * scales
        let factor = step < 100 ? Double(step) / 100 : 1 - 0.9 * Double(step) / Double(count)
        body(step, reads, IndexedSlices(indices: rows, values: values, denseShape: CaughtUpRowTests.shape), factor)
      }
    }
  }

  /// The largest difference, as a part of an element or of the way that it has come.
  private func difference<Scalar>(_ table: Tensor<Scalar>, _ expected: Tensor<Double>, _ start: Tensor<Double>)
    -> Double
  {
    zip(table.elements, zip(expected.elements, start.elements)).reduce(0) { largest, element in
      let (found, (expected, start)) = element
      let way = max(abs(expected - start), abs(expected), 1e-30)
      let difference = abs(Double(found) - expected) / way
      return difference <= largest ? largest : difference  // NaN too
    }
  }

  private static let rules: [(rule: SparseAdam<Double>, steps: Int)] = [
    (SparseAdam(learningRate: 0.01, inactiveRows: .caughtUp), 5000),
    (SparseAdam(learningRate: 0.01, epsilon: 1e-4, inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1)), 5000),
    (SparseAdam(learningRate: 0.01, epsilon: 1e-6, inactiveRows: .caughtUp, amsgrad: true), 2000),
    (SparseAdam(learningRate: 0.01, beta1: 0, inactiveRows: .caughtUp, weightDecay: .caughtUp(20)), 500),
    (SparseAdam(learningRate: 0.01, beta1: 0.5, beta2: 0.7, epsilon: 1e-3, inactiveRows: .caughtUp), 500),
    (SparseAdam(learningRate: 0.01, beta1: 0.97, beta2: 0.9999, epsilon: 1, inactiveRows: .caughtUp), 1500),
  ]

  /// As densified Adam, whenever the table is settled, and as far as its other state goes.
  @Test(arguments: rules.indices)
  func isAdam(index: Int) {
    let (rule, count) = Self.rules[index]
    let dense = Densifying(
      Adam<Double>(
        learningRate: rule.learningRate, beta1: rule.beta1, beta2: rule.beta2, epsilon: rule.epsilon,
        weightDecay: decay(rule).map(WeightDecay.decoupled) ?? .none, amsgrad: rule.amsgrad))
    var steps = Steps<Double>(count: count)
    let start = Tensor<Double>(normal: Self.shape, using: &steps.generator)
    var (table, state) = (start, rule.initialState(for: Self.shape))
    var (expected, denseState) = (start, dense.initialState(for: Self.shape))
    steps.run { step, reads, slices, factor in
      rule.catchUp(&table, rows: reads, state: &state)
      if step % 97 == 0 {
        for row in Set(reads).map(Int.init) {
          let way = difference(table.row(row), expected.row(row), start.row(row))
          #expect(way < 1e-9, "row \(row) before step \(step): \(way)")
        }
      }
      rule.update(&table, with: slices, state: &state, learningRateFactor: factor)
      dense.update(&expected, with: slices, state: &denseState, learningRateFactor: factor)
      if [9, 10, 1100].contains(step) { rule.settle(&table, state: &state) }
      guard step % 250 == 0 || step < 20 else { return }
      var (settled, settledState) = (table, state)
      rule.settle(&settled, state: &settledState)
      let way = difference(settled, expected, start)
      #expect(way < 1e-9, "after step \(step): \(way)")
      for row in settledState.moments.rows.map(Int.init) {
        let (m, v) = (denseState.firstMoment.row(row), denseState.secondMoment.row(row))
        #expect((settledState.firstMoment(ofRow: row) == nil) == (rule.beta1 == 0))
        for (found, expected) in zip(settledState.firstMoment(ofRow: row) ?? [], m.elements) {
          #expect(abs(found - expected) <= 1e-12 * abs(expected) + 1e-20)
        }
        for (found, expected) in zip(settledState.secondMoment(ofRow: row)!, v.elements) {
          #expect(abs(found - expected) <= 1e-12 * expected)
        }
      }
    }
    #expect(table.row(7) == start.row(7) || decay(rule) != nil)
  }

  private func decay(_ rule: SparseAdam<Double>) -> Double? {
    if case .caughtUp(let lambda) = rule.weightDecay { lambda } else { nil }
  }

  /// In `Float` it is as close to Adam in `Double` as Adam in `Float` is.
  @Test(arguments: [1e-8, 1e-3])
  func inFloat(epsilon: Double) {
    let exact = Densifying(Adam<Double>(learningRate: 0.01, epsilon: epsilon))
    let dense = Densifying(Adam<Float>(learningRate: 0.01, epsilon: epsilon))
    let rule = SparseAdam<Float>(learningRate: 0.01, epsilon: epsilon, inactiveRows: .caughtUp)
    var steps = Steps<Float>(count: 3000)
    let start = Tensor<Float>(normal: Self.shape, using: &steps.generator)
    let exactStart = Tensor<Double>(start)
    var (table, state) = (start, rule.initialState(for: Self.shape))
    var (rounded, denseState) = (start, dense.initialState(for: Self.shape))
    var (expected, exactState) = (exactStart, exact.initialState(for: Self.shape))
    steps.run { _, reads, slices, factor in
      rule.catchUp(&table, rows: reads, state: &state)
      rule.update(&table, with: slices, state: &state, learningRateFactor: factor)
      dense.update(&rounded, with: slices, state: &denseState, learningRateFactor: factor)
      let exactSlices = IndexedSlices(
        indices: slices.indices, values: Tensor<Double>(slices.values), denseShape: Self.shape)
      exact.update(&expected, with: exactSlices, state: &exactState, learningRateFactor: factor)
    }
    rule.settle(&table, state: &state)
    let (found, adams) = (difference(table, expected, exactStart), difference(rounded, expected, exactStart))
    #expect(found < 1.5 * adams + 1e-6 && found < 1e-4, "\(found), densified \(adams)")
  }

  /// Against a plain loop over the whole table: what densified Adam hasn't, and each kind of second moment.
  @Test(arguments: EpsilonPlacement.allCases, SecondMoment.allCases)
  func plainly(placement: EpsilonPlacement, second: SecondMoment) throws {
    for (amsgrad, epsilon) in [(false, 0.05), (true, 0.05), (false, 1e-8), (true, 1e-8)] {
      func rule(_ inactive: InactiveRows, _ decay: RowWeightDecay) -> SparseAdam<Double> {
        SparseAdam(
          learningRate: 0.01, epsilon: epsilon, epsilonPlacement: placement, inactiveRows: inactive, weightDecay: decay,
          amsgrad: amsgrad, secondMoment: second)
      }
      let caughtUp = rule(.caughtUp, .caughtUp(0.3))
      let plain = try #require(rule(.frozen, .touchedRows(0.3)).plain)
      var steps = Steps<Double>(count: 300)
      let start = Tensor<Double>(normal: Self.shape, using: &steps.generator)
      var (table, state) = (start, caughtUp.initialState(for: Self.shape))
      var expected = (0..<9).map { Array(start.row($0).elements) }
      var plains = [any PlainRule](repeating: plain, count: 9)
      steps.run { step, reads, slices, factor in
        caughtUp.catchUp(&table, rows: reads, state: &state)
        caughtUp.update(&table, with: slices, state: &state, learningRateFactor: factor)
        let gradient = slices.densified()
        for row in 0..<9 {
          plains[row].update(
            &expected[row], Array(gradient.row(row).elements), rate: 0.01 * factor, step: step, rowStep: step)
        }
        guard step % 60 == 0 || step < 10 else { return }
        var (settled, settledState) = (table, state)
        caughtUp.settle(&settled, state: &settledState)
        #expect(difference(settled, Tensor(expected), start) < 1e-9, "\(caughtUp), step \(step)")
      }
    }
  }

  /// Steps that are gone through one by one are Adam's to the bit.
  @Test(arguments: [false, true])
  func replayedSteps(amsgrad: Bool) {
    let rule = SparseAdam<Float>(learningRate: 0.01, epsilon: 1, inactiveRows: .caughtUp, amsgrad: amsgrad)
    let dense = Densifying(Adam<Float>(learningRate: 0.01, epsilon: 1, amsgrad: amsgrad))
    var generator = RandomGenerator(seed: 1)
    var (table, state) = (Tensor<Float>(normal: [3, 19], using: &generator), rule.initialState(for: [3, 19]))
    var (expected, denseState) = (table, dense.initialState(for: [3, 19]))
    for step in 0..<40 {
      let row: Int32 = step == 0 ? 1 : 0
      let slices = IndexedSlices<Float>(
        indices: [row], values: Tensor(normal: [1, 19], using: &generator), denseShape: [3, 19])
      rule.update(&table, with: slices, state: &state)
      dense.update(&expected, with: slices, state: &denseState)
    }
    #expect(table.row(1) != expected.row(1))
    rule.catchUp(&table, rows: [1], state: &state)
    #expect(table.row(1).hasSameBits(as: expected.row(1)))
    #expect(state.firstMoment(ofRow: 1)!.elementsEqual(denseState.firstMoment.row(1).elements))
    #expect(state.secondMoment(ofRow: 1)!.elementsEqual(denseState.secondMoment.row(1).elements))
  }

  /// Elements without a gradient stay where Adam with ε = 0 divides 0 by 0, also after moments have become 0.
  @Test(arguments: SecondMoment.allCases)
  func noEpsilon(second: SecondMoment) {
    let rule = SparseAdam<Float>(epsilon: 0, inactiveRows: .caughtUp, secondMoment: second)
    var (table, state) = (Tensor<Float>([[1, 2], [3, 4]]), rule.initialState(for: [2, 2]))
    func update(_ row: Int32) {
      let slices = IndexedSlices<Float>(indices: [row], values: Tensor([[1e-3, 1e-3]]), denseShape: [2, 2])
      rule.update(&table, with: slices, state: &state)
    }
    update(0)
    for _ in 0..<3 {
      for _ in 0..<700 { update(1) }
      rule.catchUp(&table, rows: [0], state: &state)
    }
    #expect(table.isFinite && state.firstMoment(ofRow: 0)!.allSatisfy { $0 == 0 })
  }

  /// A list of learning rates that has become long ends with an update that settles the table.
  @Test func longHistories() {
    let rule = SparseAdam<Double>(learningRate: 0.01, inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1))
    var (table, state) = (Tensor<Double>(ones: [3, 2]), rule.initialState(for: [3, 2]))
    func update(_ row: Int32, _ table: inout Tensor<Double>, _ state: inout SparseAdam<Double>.State) {
      rule.catchUp(&table, rows: [row], state: &state)
      let slices = IndexedSlices<Double>(indices: [row], values: Tensor([[1, -1]]), denseShape: [3, 2])
      rule.update(&table, with: slices, state: &state)
    }
    // As if 65,534 updates had been made, the last one of row 1.
    update(1, &table, &state)
    state.forEachField { name, field in
      switch name {
      case "step": field = 65_534
      case "lastSteps": field = RowNumbers(numbers: [65_534], rows: [1], state: "moments")
      case "learningRates": field = Array(repeating: 1e-4, count: 65_534)
      default: break
      }
    }
    var (settled, settledState) = (table, state)
    func learningRates() -> Int {
      var (copy, count) = (state, -1)
      copy.forEachField { name, field in if name == "learningRates" { count = (field as! [Double]).count } }
      return count
    }
    #expect(learningRates() == 65_534)
    update(0, &table, &state)
    #expect(learningRates() == 65_535 && table.row(2) == Tensor([1, 1]))
    update(0, &table, &state)
    #expect(learningRates() == 0)
    for _ in 0..<2 { update(0, &settled, &settledState) }
    rule.settle(&settled, state: &settledState)
    #expect(table.hasSameBits(as: settled) && table[2, 0] < 0.6)
  }

  /// It is long after as many updates, however many rows have state: ranks that share rows settle in the same update.
  @Test func longHistoriesOfManyRows() {
    let (count, rule) = (Int32(4 << 16) + 4, SparseAdam<Float>(beta1: 0, inactiveRows: .caughtUp))
    var table = Tensor<Float>(ones: [Int(count), 1])
    var state = rule.initialState(for: table.shape)
    rule.update(
      &table, with: IndexedSlices(indices: Array(0..<count), values: table, denseShape: table.shape), state: &state)
    var learningRates = -1
    state.forEachField { name, field in
      switch name {
      case "step": field = 65_535
      case "lastSteps":
        field = RowNumbers(
          numbers: Array(repeating: 65_535, count: Int(count)), rows: Array(0..<count), state: "moments")
      case "learningRates": field = Array(repeating: 1e-4, count: 65_535)
      default: break
      }
    }
    rule.update(&table, with: IndexedSlices(denseShape: table.shape), state: &state)
    state.forEachField { name, field in if name == "learningRates" { learningRates = (field as! [Double]).count } }
    #expect(state.step == 65_536 && learningRates == 0)
  }

  /// Tables without numbers, as a rank may have, are settled as others are.
  @Test(arguments: [[0, 3], [3, 0]] as [Shape]) func noNumbers(shape: Shape) {
    let rule = SparseAdam<Float>(inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1))
    var (table, state) = (Tensor<Float>(zeros: shape), rule.initialState(for: shape))
    let rows = (0..<Int32(shape[0])).map { $0 }
    for _ in 0..<2 {
      rule.catchUp(&table, rows: rows, state: &state)
      let some = Array(rows.prefix(2))
      rule.update(
        &table,
        with: IndexedSlices(indices: some, values: Tensor(zeros: [some.count, shape[1]]), denseShape: shape),
        state: &state)
    }
    rule.settle(&table, state: &state)
    var settled = -1
    state.forEachField { name, field in if name == "settledStep" { settled = field as! Int } }
    #expect(settled == 2 && table.shape == shape && state.inconsistency == nil)
  }

  private struct TwoTables: Module {
    var first = Embedding<Double>(weight: Tensor(ones: [4, 2]))
    var second = Embedding<Double>(weight: Tensor(ones: [5, 2]))

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
      visit(&first, "first")
      visit(&second, "second")
    }
  }

  /// Through a model: the rows of bags, of a table that shares its optimizer with a frozen one.
  @Test func modelsTables() {
    func trained(_ sparse: some Optimizer<IndexedSlices<Double>>) -> TwoTables {
      var model = TwoTables()
      var optimizer = ModelOptimizer(for: model, sparse: sparse, overrides: [.frozen(\.second)])
      for step in 0..<30 {
        let rows = step % 7 == 0 ? [2, 1] : [1, 1]
        optimizer.catchUp(&model, \.first, rows: rows)
        optimizer.catchUp(&model, \.first.weight, rows: RaggedIndices([rows, []]))
        optimizer.catchUp(&model, \.second, rows: [4])
        let gradients = valueWithGradients(at: model) { model in
          (model.first(rows) * model.second(rows)).square().sum()
        }.gradients
        optimizer.update(&model, with: gradients)
      }
      optimizer.settle(&model)
      return model
    }
    let (found, expected) = (trained(SparseAdam(inactiveRows: .caughtUp)), trained(Densifying(Adam())))
    #expect(found.first.weight.value.distance(to: expected.first.weight.value) < 1e-12)
    #expect(found.first.weight.value[2, 0] < 0.99 && found.second.weight.value == Tensor(ones: [5, 2]))
  }

  /// Rows that catch up are limited as they are then.
  @Test func limitedRows() {
    let rule = LimitingRowNorms(SparseAdam<Double>(learningRate: 1, inactiveRows: .caughtUp), to: 1)
    var (table, state) = (Tensor<Double>(zeros: [3, 2]), rule.initialState(for: [3, 2]))
    func update(_ row: Int32) {
      let slices = IndexedSlices<Double>(indices: [row], values: Tensor([[1, -1]]), denseShape: [3, 2])
      rule.update(&table, with: slices, state: &state)
    }
    update(1)
    for _ in 0..<5 { update(0) }
    rule.catchUp(&table, rows: [1, 1, 2], state: &state)
    #expect(abs(table.row(1).squaredNorm - 1) < 1e-12 && table.row(2) == Tensor([0, 0]))
  }

  /// See `TrapTests`.
  private static func update(_ rule: SparseAdam<Double>, rows: [Int32], last: Int32) {
    var (table, state) = (Tensor<Double>(ones: [20, 2]), rule.initialState(for: [20, 2]))
    for row in rows + [last] {
      if row != last { rule.catchUp(&table, rows: [row], state: &state) }
      let slices = IndexedSlices<Double>(indices: [row], values: Tensor([[1, 1]]), denseShape: [20, 2])
      rule.update(&table, with: slices, state: &state)
    }
  }

  private static func catchUp(
    _ path: KeyPath<BagModel<Double>, some Module>, rows: [Int], after updates: Int = 1
  ) {
    var model = BagModel<Double>()
    var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam(inactiveRows: .caughtUp))
    for _ in 0..<updates {
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss([[1]], [0]) }.gradients)
    }
    optimizer.catchUp(&model, path, rows: rows)
  }

  private static func missed(_ count: Int, row: Int) -> String {
    "SparseAdam: row \(row) of a table of shape [20, 2] had missed \(count) updates when this step read it; call "
      + "optimizer.catchUp(&model, …, rows: …) before the step, or settle if it reads all rows"
  }

  static let errors = [
    ProgrammingError(missed(3, row: 17)) {
      update(SparseAdam(inactiveRows: .caughtUp), rows: [17, 1, 2, 1], last: 17)
    },
    ProgrammingError(missed(2, row: 9)) {
      update(SparseAdam(inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1)), rows: [1, 2], last: 9)
    },
    ProgrammingError("catchUp: row number 6 at position 1 is not in 0..<6") { catchUp(\.embedding, rows: [1, 6]) },
    ProgrammingError("catchUp: row number -1 at position 0 is not in 0..<6") {
      catchUp(\.embedding, rows: [-1], after: 0)
    },
    ProgrammingError(
      "ModelOptimizer.catchUp: \\BagModel<Double>.output leads to no table, expected one of embedding.weight"
    ) { catchUp(\.output, rows: [1]) },
    ProgrammingError(
      "ModelOptimizer.catchUp: \\TwoTables.self leads to 2 tables, expected one of first.weight, second.weight"
    ) {
      var model = TwoTables()
      var optimizer = ModelOptimizer(for: model, sparse: SparseAdam(inactiveRows: .caughtUp))
      optimizer.catchUp(&model, \.self, rows: [1])
    },
    ProgrammingError(
      "SparseAdam: inactiveRows .caughtUp needs beta1 below √beta2, or else the steps of rows without a gradient never "
        + "end; beta1 is 0.9, √beta2 0.7"
    ) { _ = SparseAdam<Float>(beta2: 0.7 * 0.7, inactiveRows: .caughtUp) },
    ProgrammingError(
      "SparseAdam: inactiveRows .caughtUp needs beta1 below √beta2, or else the steps of rows without a gradient never "
        + "end; beta1 is 0.8999999999999999, √beta2 0.9"
    ) { _ = SparseAdam<Float>(beta1: 0.8999999999999999, beta2: 0.81, inactiveRows: .caughtUp) },
    ProgrammingError(
      "SparseAdam: inactiveRows .caughtUp needs biasCorrection .globalStep: its moments are as old as Adam's"
    ) {
      _ = SparseAdam<Float>(biasCorrection: .activeSteps, inactiveRows: .caughtUp)
    },
  ]
}
