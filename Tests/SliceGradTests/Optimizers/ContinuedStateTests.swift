import SliceGrad
import Testing

/// Optimizers and averages that go on when a model has changed.
@Suite struct ContinuedStateTests {
  private typealias Model = BagModel<Float>

  /// A model with its optimizer and, unless a rule puts changes off, its average.
  private struct Training {
    var model: Model
    var optimizer: ModelOptimizer<Model>
    var average: ExponentialMovingAverage<Model>?

    init(_ model: Model, _ optimizer: ModelOptimizer<Model>, averages: Bool = false) {
      (self.model, self.optimizer) = (model, optimizer)
      if averages { average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.8) }
    }

    mutating func step(_ bags: [[Int32]]) {
      optimizer.catchUp(&model, \.embedding, rows: RaggedIndices(bags))
      let gradients = valueWithGradients(at: model) { $0.loss(bags, bags.map { _ in 1 }) }.gradients
      optimizer.update(&model, with: gradients)
      average?.update(with: model, after: gradients)
    }

    /// The numbers of the model, and those of its average.
    var values: [Tensor<Float>] { (model.leaves + (average?.applied(to: model).leaves ?? [])).map(\.value) }
  }

  private static let rules: [(dense: any Optimizer<Tensor<Float>>, sparse: any Optimizer<IndexedSlices<Float>>)] =
    RuleCases<Float>.pairs + [
      (Adam(), SparseAdam(learningRate: 0.1, biasCorrection: .activeSteps, weightDecay: .caughtUp(0.5))),
      (Adam(), SparseAdam(learningRate: 0.1, inactiveRows: .caughtUp, weightDecay: .caughtUp(0.5))),
      (Adam(), Densifying(AdamW(learningRate: 0.1, weightDecay: 0.5, amsgrad: true))),
      (Adam(), Densifying(Adagrad(learningRate: 0.1, initialAccumulator: 2))),
    ]

  /// A table of 10 rows that grows to 20 goes on as one that had 20 from the beginning, of which 10 were left alone.
  @Test(arguments: rules.indices)
  func grownTable(index: Int) {
    func check(_ dense: some Optimizer<Tensor<Float>>, _ sparse: some Optimizer<IndexedSlices<Float>>) {
      var generator = RandomGenerator(seed: UInt64(index))
      func training(_ model: Model) -> Training {
        Training(
          model, ModelOptimizer(for: model, dense: dense, sparse: sparse), averages: sparse.rowChanges != .postponed)
      }
      var (large, small) = (training(Model(rows: 20)), training(Model(rows: 10)))
      large.model.embedding.weight.value.replaceFirstRows(by: small.model.embedding.weight.value)
      let newRows = large.model.embedding.weight.value.slice(10..<20, axis: 0)
      for step in 0..<12 {
        let bags = step == 7 ? [[]] : (0..<2).map { _ in generator.indices(count: 3, tableRows: 9) }
        large.step(bags)
        small.step(bags)
        guard step == 5 else { continue }
        large.optimizer.settle(&large.model)
        small.optimizer.settle(&small.model)
      }
      small.model.embedding.weight.appendRows(large.model.embedding.weight.value.slice(10..<20, axis: 0))
      var grown = training(small.model)
      let report = grown.optimizer.takeWhatFits(from: small.optimizer, growingTables: true)
      #expect(
        report.description == """
          taken “output.weight”
          taken “output.bias”
          grown “embedding.weight”: found shape [10, 3], expected [20, 3]
          """)
      if let average = small.average {
        #expect(grown.average!.takeWhatFits(from: average, growingTables: true) == report)
        #expect(grown.average!.step == 12)
      }
      #expect(grown.optimizer.step == 12)
      if large.model.embedding.weight.value.slice(10..<20, axis: 0) != newRows {
        // The new rows begin with their averages, but those of the large table have decayed, and their averages lag.
        (grown.average, large.average) = (nil, nil)
      }
      for step in 0..<12 {
        #expect(zip(grown.values, large.values).allSatisfy { $0.hasSameBits(as: $1) }, "\(sparse), \(dense), \(step)")
        let bags = step == 3 ? [[]] : (0..<2).map { _ in generator.indices(count: 4, tableRows: 20) }
        large.step(bags)
        grown.step(bags)
      }
      large.optimizer.settle(&large.model)
      grown.optimizer.settle(&grown.model)
      #expect(grown.values.count == large.values.count && grown.values[0].shape == [20, 3])
      #expect(zip(grown.values, large.values).allSatisfy { $0.hasSameBits(as: $1) }, "\(sparse), \(dense)")
    }
    check(Self.rules[index].dense, Self.rules[index].sparse)
  }

  /// With an L2 penalty that enters the moments, new rows of a densified table begin without moments.
  @Test func newRowsOfADensifiedTableBegin() throws {
    let rule = Densifying(Adam<Float>(learningRate: 0.1, weightDecay: .l2(1)))
    var training = Training(Model(rows: 3), ModelOptimizer(for: Model(rows: 3), dense: Adam(), sparse: rule))
    training.step([[1]])
    let old = try #require(moments(training))
    training.model.embedding.weight.appendRows(Tensor(ones: [2, 3]))
    var next = ModelOptimizer(for: training.model, dense: Adam(), sparse: rule)
    _ = next.takeWhatFits(from: training.optimizer, growingTables: true)
    training.optimizer = next
    let new = try #require(moments(training))
    #expect(new.step == 1 && new.firstMoment.shape == [5, 3])
    #expect(new.firstMoment.slice(0..<3, axis: 0).hasSameBits(as: old.firstMoment))
    #expect(new.secondMoment.slice(3..<5, axis: 0) == Tensor(zeros: [2, 3]) && old.secondMoment.squaredNorm > 0)
  }

  private func moments(_ training: Training) -> Adam<Float>.State? {
    training.optimizer.state(of: \.embedding.weight, in: training.model, as: Adam<Float>.State.self)
  }

  /// A part that was frozen begins with Adam's first step; the rest goes on as if nothing had happened.
  @Test(arguments: RuleCases<Float>.pairs.indices)
  func unfrozenPart(index: Int) {
    func check(_ dense: some Optimizer<Tensor<Float>>, _ sparse: some Optimizer<IndexedSlices<Float>>) {
      let model = Model()
      func optimizer(_ overrides: [ParameterOverride<Model>] = []) -> ModelOptimizer<Model> {
        ModelOptimizer(for: model, dense: dense, sparse: sparse, overrides: overrides)
      }
      var frozen = Training(model, optimizer([.frozen(\.embedding), .frozen(\.output.bias)]))
      for row: Int32 in 0..<5 { frozen.step([[row, 2]]) }
      var (unfrozen, fresh) = (Training(frozen.model, optimizer()), Training(frozen.model, optimizer()))
      #expect(
        unfrozen.optimizer.takeWhatFits(from: frozen.optimizer).description == """
          taken “output.weight”
          missing “embedding.weight”
          missing “output.bias”
          """)
      unfrozen.step([[4], [2]])
      fresh.step([[4], [2]])
      frozen.step([[4], [2]])
      #expect(unfrozen.optimizer.step == 6)
      #expect(unfrozen.values[0].hasSameBits(as: fresh.values[0]) && unfrozen.values[0] != frozen.values[0])
      #expect(unfrozen.values[1].hasSameBits(as: frozen.values[1]))
      #expect(unfrozen.values[2].hasSameBits(as: fresh.values[2]) && unfrozen.values[2] != frozen.values[2])

      // And frozen again, it leaves its state behind.
      var again = optimizer([.frozen(\.embedding), .frozen(\.output.bias)])
      let report = again.takeWhatFits(from: unfrozen.optimizer)
      #expect(report.taken == ["output.weight"] && report.unexpected == ["embedding.weight", "output.bias"])
      #expect(report.missing.isEmpty && report.mismatched.isEmpty)
    }
    check(RuleCases<Float>.pairs[index].dense, RuleCases<Float>.pairs[index].sparse)
  }

  /// Other labels, a bias more or less, other columns, fewer rows: those leaves begin, the others go on.
  @Test func whatDoesNotFit() throws {
    let rows = Model(rows: 6, classes: 4)
    func optimizer(_ model: Model) -> ModelOptimizer<Model> {
      ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
    }
    var old = Training(rows, optimizer(rows))
    old.step([[1, 2]])
    func report(_ model: Model, from old: Training) -> String {
      var next = optimizer(model)
      var average = ExponentialMovingAverage(of: model, trainedBy: next)
      let report = next.takeWhatFits(from: old.optimizer, growingTables: true)
      let other = ExponentialMovingAverage(of: old.model, trainedBy: old.optimizer)
      #expect(average.takeWhatFits(from: other, growingTables: true) == report)
      return report.description
    }
    #expect(
      report(Model(rows: 6, classes: 2), from: old) == """
        taken “embedding.weight”
        mismatched “output.weight”: found shape [4, 3], expected [2, 3]
        mismatched “output.bias”: found shape [4], expected [2]
        """)
    #expect(
      report(Model(rows: 5), from: old) == """
        taken “output.weight”
        taken “output.bias”
        mismatched “embedding.weight”: found shape [6, 3], expected [5, 3]
        """)
    #expect(
      report(Model(rows: 9, columns: 2), from: old) == """
        taken “output.bias”
        mismatched “embedding.weight”: found shape [6, 3], expected [9, 2]
        mismatched “output.weight”: found shape [4, 3], expected [4, 2]
        """)
    var biasless = rows
    biasless.output.bias = nil
    #expect(report(biasless, from: old).hasSuffix("\nunexpected “output.bias”"))
    #expect(report(rows, from: Training(biasless, optimizer(biasless))).hasSuffix("\nmissing “output.bias”"))
  }

  /// Another rule, or one whose state has other fields, doesn't go on; other hyperparameters do.
  @Test func otherRules() {
    let model = Model()
    func optimizer(_ sparse: some Optimizer<IndexedSlices<Float>>) -> ModelOptimizer<Model> {
      ModelOptimizer(for: model, dense: Adam(), sparse: sparse, overrides: [.frozen(\.output)])
    }
    func report(
      _ new: some Optimizer<IndexedSlices<Float>>, from old: some Optimizer<IndexedSlices<Float>>
    ) -> String {
      var next = optimizer(new)
      return next.takeWhatFits(from: optimizer(old)).description
    }
    #expect(report(SparseAdam(learningRate: 1, beta1: 0.5), from: SparseAdam()) == "taken “embedding.weight”")
    let different: [(any Optimizer<IndexedSlices<Float>>, any Optimizer<IndexedSlices<Float>>)] = [
      (SparseAdam(), RowwiseAdagrad()), (SparseAdam(amsgrad: true), SparseAdam()),
      (SparseAdam(), SparseAdam(amsgrad: true)), (SparseAdam(inactiveRows: .decayed), SparseAdam()),
      (SparseAdam(inactiveRows: .caughtUp), SparseAdam(inactiveRows: .decayed)),
      (SparseAdam(), SparseAdam(secondMoment: .perRow)),
      (SparseAdam(), SparseAdam(weightDecay: .caughtUp(0.1))),
      (SGD(learningRate: 1, momentum: 0.5), SGD(learningRate: 1)),
      (Densifying(Adam()), SparseAdam()), (Densifying(Adam(amsgrad: true)), Densifying(Adam())),
      (Densifying(RMSprop(centered: true)), Densifying(RMSprop(momentum: 0.5))),
    ]
    for (new, old) in different {
      #expect(report(new, from: old) == "mismatched “embedding.weight”: found \(old), expected \(new)")
    }
  }

  /// An average of all rows doesn't become one of the rows with a gradient, nor the other way round.
  @Test func averagesOfOtherRows() {
    let model = Model()
    func average(_ sparse: some Optimizer<IndexedSlices<Float>>) -> ExponentialMovingAverage<Model> {
      ExponentialMovingAverage(of: model, trainedBy: ModelOptimizer(for: model, dense: Adam(), sparse: sparse))
    }
    let (rows, all) = (average(SparseAdam()), average(Densifying(Adam())))
    for (from, to) in [(rows, all), (all, rows)] {
      var next = to
      let report = next.takeWhatFits(from: from)
      #expect(report.taken == ["output.weight", "output.bias"])
      let words = ["an average of rows with a gradient", "an average of all rows"]
      #expect(Set(report.mismatched.map { [$0.found, $0.expected] }.first ?? []) == Set(words))
      #expect(report.mismatched.map(\.name) == ["embedding.weight"])
    }
  }

  /// Rows of many blocks, which both states share until one changes, and later rows with another initial value.
  @Test func rowsOfManyBlocks() throws {
    func training(_ model: BagModel<Double>, _ initialAccumulator: Double = 0) -> ModelOptimizer<BagModel<Double>> {
      ModelOptimizer(
        for: model, dense: SGD(learningRate: 1), sparse: Adagrad(initialAccumulator: initialAccumulator))
    }
    var model = BagModel<Double>(rows: 500, columns: 1000)
    var old = training(model)
    func step(_ optimizer: inout ModelOptimizer<BagModel<Double>>, _ rows: [Int32]) {
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.embedding.weight.gather(rows).sum() }.gradients)
    }
    func rows(_ optimizer: ModelOptimizer<BagModel<Double>>) throws -> RowState<Double> {
      let state = optimizer.state(of: \.embedding.weight, in: model, as: Adagrad<IndexedSlices<Double>>.State.self)
      return try #require(state?.sumOfSquares)
    }
    step(&old, Array(0..<500).reversed())
    let before = try rows(old)
    #expect(before.rows.first == 499 && before.pieces.count > 1)
    model.embedding.weight.appendRows(Tensor(ones: [100, 1000]))
    for initial in [0.0, 3] {
      var next = training(model, initial)
      #expect(next.takeWhatFits(from: old, growingTables: true).grown.count == 1)
      step(&next, [599, 7])
      let after = try rows(next)
      #expect(after.rows == before.rows + [599] && after.touches(ofRow: 7) == 2 && after.touches(ofRow: 599) == 1)
      // Each gradient is 1.
      for row in [0, 7, 8, 255, 499, 599] {
        #expect(Set(after[row: row]!) == [row == 7 ? 2 : row == 599 ? initial + 1 : 1], "row \(row)")
        #expect(try rows(old)[row: 7]!.allSatisfy { $0 == 1 })
      }
    }
  }

  /// A rule of a user's own: fields with a row for each row of the table grow, other fields are kept as they are.
  private struct OwnRule: Optimizer {
    struct State: Restorable {
      var columns: Tensor<Float>
      var rows: Tensor<Float>
      var counts: [Int32]
      var names: [Double]
      var shares: Double
      var other: Tensor<Float>

      mutating func visitFields(_ visit: inout FieldVisitor) {
        visit(&columns, "columns")
        visit(&rows, "rows")
        visit(&counts, "counts")
        visit(&names, "names")
        visit(&shares, "shares")
        visit(&other, "other")
      }
    }

    /// What isn't made of rows.
    var otherShape: [Int] = []

    func initialState(for shape: Shape) -> State {
      State(
        columns: Tensor(zeros: [shape[1]]), rows: Tensor(repeating: 5, shape: [shape[0]]),
        counts: Array(repeating: 7, count: shape[0]), names: [0, 0], shares: 0,
        other: Tensor(zeros: Shape(otherShape.map { $0 < 0 ? shape[0] : $0 })))
    }

    func update(
      _ parameter: inout Tensor<Float>, with gradient: IndexedSlices<Float>, state: inout State,
      learningRateFactor: Double
    ) {
      state.columns = state.columns + 1
      state.rows = state.rows + 1
      for i in state.counts.indices { state.counts[i] += 1 }
      state.names[1] += 1
      state.shares += 1
    }
  }

  @Test func rulesOfOnesOwn() throws {
    func grown(_ rule: OwnRule, by rows: Int = 2) throws -> (state: OwnRule.State, report: FitReport) {
      var training = Training(Model(rows: 3), ModelOptimizer(for: Model(rows: 3), dense: Adam(), sparse: rule))
      training.step([[1]])
      training.model.embedding.weight.appendRows(Tensor(ones: [rows, 3]))
      var next = ModelOptimizer(for: training.model, dense: Adam(), sparse: rule)
      let report = next.takeWhatFits(from: training.optimizer, growingTables: true)
      return (try #require(next.state(of: \.embedding.weight, in: training.model, as: OwnRule.State.self)), report)
    }
    let (state, report) = try grown(OwnRule())
    #expect(report.grown.map(\.name) == ["embedding.weight"])
    #expect(state.columns == Tensor([1, 1, 1]) && state.rows == Tensor([6, 6, 6, 5, 5]))
    #expect(state.counts == [8, 8, 8, 7, 7] && state.names == [0, 1] && state.shares == 1)

    // A state whose numbers can't be told apart by rows begins, as a whole.
    let (begun, other) = try grown(OwnRule(otherShape: [2, -1]))
    #expect(
      other.mismatched.map { "\($0.name) \($0.found), \($0.expected)" } == [
        "embedding.weight a state that can't grow to [5, 3], a RowState or one with a row for each row of the table"
      ])
    #expect(begun.columns == Tensor([0, 0, 0]) && begun.counts == [7, 7, 7, 7, 7])
    #expect(try grown(OwnRule(otherShape: [2, -1]), by: 0).report.taken.first == "embedding.weight")
  }

  /// Another type of model whose parts have the same names.
  @Test func otherTypesOfModels() {
    struct Other: Module {
      var output: Dense<Float>
      mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) { visit(&output, "output") }
    }
    var training = Training(Model(), ModelOptimizer(for: Model(), dense: Adam(), sparse: SparseAdam()), averages: true)
    training.step([[1]])
    let other = Other(output: training.model.output)
    var optimizer = ModelOptimizer(for: other, dense: Adam())
    var average = ExponentialMovingAverage(of: other, trainedBy: optimizer, decay: 0.8)
    let report = optimizer.takeWhatFits(from: training.optimizer)
    #expect(report.taken == ["output.weight", "output.bias"] && report.unexpected == ["embedding.weight"])
    #expect(average.takeWhatFits(from: training.average!) == report)
    #expect(average.applied(to: other).output == training.average!.applied(to: training.model).output)
    #expect(optimizer.state(of: \.output.bias, in: other, as: Adam<Float>.State.self)?.step == 1)
  }

  /// See `TrapTests`.
  private static let growing =
    "ModelOptimizer: embedding.weight of shape [8, 3], but of shape [6, 3] when the optimizer was made for it; make "
    + "one for the model as it is, and let it takeWhatFits from this one"

  private static func train(_ sparse: SparseAdam<Float>, _ change: (inout Training) -> Void) {
    var training = Training(Model(), ModelOptimizer(for: Model(), dense: Adam(), sparse: sparse), averages: true)
    training.step([[1]])
    change(&training)
  }

  static let errors = [
    ProgrammingError(growing) {
      train(SparseAdam()) { training in
        training.model.embedding.weight.appendRows(Tensor(ones: [2, 3]))
        training.step([[1]])
      }
    },
    ProgrammingError(growing) {
      train(SparseAdam()) { training in
        training.model.embedding.weight.appendRows(Tensor(ones: [2, 3]))
        training.optimizer.settle(&training.model)
      }
    },
    ProgrammingError("ModelOptimizer.takeWhatFits: this optimizer has made 1 updates, expected a new one") {
      train(SparseAdam()) { training in _ = training.optimizer.takeWhatFits(from: training.optimizer) }
    },
    ProgrammingError("ExponentialMovingAverage.takeWhatFits: this average has made 1 updates, expected a new one") {
      train(SparseAdam()) { training in _ = training.average!.takeWhatFits(from: training.average!) }
    },
    ProgrammingError("EmbeddingTable: rows of shape [2, 2] appended to [6, 3], expected [n, 3]") {
      train(SparseAdam()) { training in training.model.embedding.weight.appendRows(Tensor(ones: [2, 2])) }
    },
    ProgrammingError("EmbeddingTable: rows of shape [3] appended to [6, 3], expected [n, 3]") {
      train(SparseAdam()) { training in training.model.embedding.weight.appendRows(Tensor(ones: [3])) }
    },
  ]
}
