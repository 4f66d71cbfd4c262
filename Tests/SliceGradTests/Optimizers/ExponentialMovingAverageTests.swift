import SliceGrad
import Testing

@Suite struct ExponentialMovingAverageTests {
  private typealias Model = BagModel<Double>

  /// A plain loop over all numbers, after every step, is what the average of rows has to be. Rows are left alone for
  /// many steps, and row 5 for ever.
  @Test func plainLoop() {
    checkPlainLoop(sparse: SparseAdam(learningRate: 0.1), changesAllRows: false)
    checkPlainLoop(sparse: Densifying(Adam(learningRate: 0.1)), changesAllRows: true)
  }

  private func checkPlainLoop(sparse: some Optimizer<IndexedSlices<Double>>, changesAllRows: Bool) {
    var (generator, model) = (RandomGenerator(seed: 3), Model())
    let start = model
    var optimizer = ModelOptimizer(for: model, dense: Adam(learningRate: 0.1), sparse: sparse)
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.9)
    var (table, bias) = (Array(model.embedding.weight.value.elements), Array(model.output.bias!.value.elements))
    for step in 0..<40 {
      // Row 4 only in steps 0 and 30, rows 0 and 1 in some.
      let bags: [[Int32]] = step % 30 == 0 ? [[4, 0]] : [generator.indices(count: 2, tableRows: 4), []]
      let gradients = valueWithGradients(at: model) { $0.loss(bags, bags.map { _ in 1 }) }.gradients
      optimizer.update(&model, with: gradients)
      average.update(with: model, after: gradients)
      table = zip(table, model.embedding.weight.value.elements).map { 0.9 * $0 + 0.1 * $1 }
      bias = zip(bias, model.output.bias!.value.elements).map { 0.9 * $0 + 0.1 * $1 }
      if step % 7 == 0 || step == 39 {
        let averaged = average.applied(to: model)
        for (found, expected) in zip(averaged.embedding.weight.value.elements, table) {
          #expect(abs(found - expected) < 1e-14, "step \(step)")
        }
        for (found, expected) in zip(averaged.output.bias!.value.elements, bias) {
          #expect(abs(found - expected) < 1e-14, "step \(step)")
        }
      }
    }
    #expect(average.step == 40)
    let averaged = average.applied(to: model)
    #expect(averaged != model && averaged != start)
    if !changesAllRows {
      for column in 0..<3 {
        #expect(averaged.embedding.weight.value[5, column] == start.embedding.weight.value[5, column])
      }
    }
  }

  /// Rows that are set by hand, one of them never touched before: what a plain loop over all numbers makes of them.
  @Test func rowsSetByHand() {
    var model = Model()
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 1))
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.9)
    var table = Array(model.embedding.weight.value.elements)
    for (step, row) in [1, 2, 1, 1, 2, 3, 4].enumerated() {
      if step == 3 {
        for row in [2, 3] { model.embedding.weight.value[row, 1] = 7 }
        average.noteRows(setIn: model)
        average.noteRows(setIn: model)  // nothing has changed since
      }
      let gradients = valueWithGradients(at: model) { $0.loss([[Int32(row)]], [0]) }.gradients
      optimizer.update(&model, with: gradients)
      average.update(with: model, after: gradients)
      table = zip(table, model.embedding.weight.value.elements).map { 0.9 * $0 + 0.1 * $1 }
      for (found, expected) in zip(average.applied(to: model).embedding.weight.value.elements, table) {
        #expect(abs(found - expected) < 1e-14, "step \(step)")
      }
    }
  }

  /// With a decay of 0 the average is the model, and steps without rows are steps.
  @Test func withoutMemoryItIsTheModel() {
    var model = Model()
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.1), sparse: SGD(learningRate: 1))
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0)
    for bags in [[[1, 2]], [[]], [[2, 3]]] as [[[Int32]]] {
      let gradients = valueWithGradients(at: model) { $0.loss(bags, [0]) }.gradients
      optimizer.update(&model, with: gradients)
      average.update(with: model, after: gradients)
      #expect(average.applied(to: model) == model)
    }
  }

  /// What stands still is its own average, to the bit, however often and in Float.
  @Test func whatStandsStill() {
    let model = BagModel<Float>()
    let optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0), sparse: SGD(learningRate: 0))
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.9999)
    let gradients = [[[1, 2]], [[3]]].map { bags in
      valueWithGradients(at: model) { $0.loss(bags, [0]) }.gradients
    }
    for step in 0..<1000 { average.update(with: model, after: gradients[step % 10 == 9 ? 1 : 0]) }
    #expect(average.applied(to: model) == model)
  }

  /// A model that counts its steps in a buffer.
  private struct Counting: Module {
    var weight = Parameter(Tensor<Float>([1]))
    var steps = Buffer(Tensor<Float>([0]))

    func callAsFunction() -> Variable<Float> {
      steps.assign(steps.value + 1)
      return weight.variable.sum()
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&weight, "weight")
      visit(&steps, "steps")
    }
  }

  /// Buffers are copied as they are, also by way of what is saved; parameters beside them are averaged.
  @Test func buffersAreNotAveraged() {
    var model = Counting()
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 0.5))
    var average = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.5)
    for step in 1...3 {
      let gradients = valueWithGradients(at: model) { $0() }.gradients
      optimizer.update(&model, with: gradients)
      average.update(with: model, after: gradients)
      #expect(average.applied(to: Counting()).steps.value == Tensor([Float(step)]))
    }
    #expect(model.weight.value == Tensor([-0.5]) && average.applied(to: model).weight.value == Tensor([-0.0625]))
  }

  /// See `TrapTests`.
  private static func average(
    decay: Double = 0.9, sparse: SparseAdam<Double> = SparseAdam()
  ) -> ExponentialMovingAverage<Model> {
    let model = Model()
    return ExponentialMovingAverage(
      of: model, trainedBy: ModelOptimizer(for: model, dense: Adam(), sparse: sparse), decay: decay)
  }

  static let errors = [
    ProgrammingError(
      "ExponentialMovingAverage: the rule of embedding.weight puts changes off; "
        + "take inactiveRows .decayed and weightDecay .touchedRows, or Densifying(AdamW())"
    ) { _ = ExponentialMovingAverageTests.average(sparse: SparseAdam(weightDecay: .caughtUp(0.1))) },
    ProgrammingError("ExponentialMovingAverage: an optimizer of 4 leaves for a model of 2") {
      _ = ExponentialMovingAverage(of: layers(1), trainedBy: ModelOptimizer(for: layers(2), dense: Adam()))
    },
    ProgrammingError("ExponentialMovingAverage: decay 1.0 is not in 0.0..<1.0") {
      _ = ExponentialMovingAverageTests.average(decay: 1)
    },
    ProgrammingError("ExponentialMovingAverage: the model has other parameters than at the start") {
      let other = Model(rows: 7)
      var average = ExponentialMovingAverageTests.average()
      average.update(with: other, after: valueWithGradients(at: other) { $0.loss([[1]], [0]) }.gradients)
    },
    ProgrammingError("ExponentialMovingAverage: gradients of 2 leaves for 4 leaves") {
      let (_, gradients) = valueWithGradients(at: layers(1)) { $0[0].bias!.variable.sum() }
      let optimizer = ModelOptimizer(for: layers(2), dense: Adam())
      var average = ExponentialMovingAverage(of: layers(2), trainedBy: optimizer)
      average.update(with: layers(2), after: gradients)
    },
    ProgrammingError(
      "ExponentialMovingAverage: embedding.weight of shape [6, 3], a gradient of shape [7, 3]"
    ) {
      var average = ExponentialMovingAverageTests.average()
      average.update(with: Model(), after: valueWithGradients(at: Model(rows: 7)) { $0.loss([[6]], [0]) }.gradients)
    },
  ]
}
