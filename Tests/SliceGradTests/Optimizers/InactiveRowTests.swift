import SliceGrad
import Testing

/// What SparseAdam makes up for when a row is next seen, against dense loops that leave nothing out.
@Suite struct InactiveRowTests {
  private static let shape: Shape = [9, 3]

  /// Random slices, some empty, with the learning rate's factor in each step.
  private func forEachStep(_ body: (_ step: Int, IndexedSlices<Double>, _ factor: Double) -> Void) {
    var generator = RandomGenerator(seed: 5)
    for step in 1...60 {
      let slices = generator.slices(Self.shape, count: step % 4 == 0 ? 0 : 3, of: Double.self)
      body(step, slices, step % 3 == 0 ? 0.25 : 1)
    }
  }

  /// Moments decay in every step, rows move only when they have a gradient.
  @Test(arguments: [false, true], EpsilonPlacement.allCases)
  func decayedMoments(amsgrad: Bool, placement: EpsilonPlacement) {
    let plain = PlainAdam(isEpsilonCorrected: placement == .corrected, amsgrad: amsgrad)
    let rule = SparseAdam<Double>(
      learningRate: plain.learningRate, beta1: plain.beta1, beta2: plain.beta2, epsilon: plain.epsilon,
      epsilonPlacement: placement, inactiveRows: .decayed, amsgrad: amsgrad)
    var (table, state) = (Tensor<Double>(ones: Self.shape), rule.initialState(for: Self.shape))
    var expected = table
    var plainStates = [PlainAdam](repeating: plain, count: table.count)
    forEachStep { step, slices, factor in
      rule.update(&table, with: slices, state: &state, learningRateFactor: factor)
      let gradient = slices.densified()
      for row in 0..<9 {
        for column in 0..<3 {
          let i = row * 3 + column
          plainStates[i].learningRate = plain.learningRate * factor
          var moved = expected[row, column]
          plainStates[i].update(&moved, gradient[row, column], step: step)
          if slices.indices.contains(Int32(row)) { expected[row, column] = moved }
        }
      }
      #expect(table.distance(to: expected) < 1e-11, "step \(step)")
      for row in Set(slices.indices) {
        #expect(abs(state.firstMoment(ofRow: Int(row))!.first! - plainStates[Int(row) * 3].m) < 1e-13)
        #expect(abs(state.secondMoment(ofRow: Int(row))!.first! - plainStates[Int(row) * 3].v) < 1e-13)
      }
    }
  }

  /// All rows decay in every step: `settle` brings those up that are behind, whenever it is called.
  @Test(arguments: [[], [20], [1, 7, 8, 30, 60]] as [[Int]], BiasCorrection.allCases)
  func caughtUpDecay(settledAfter: [Int], correction: BiasCorrection) {
    let plain = PlainAdam()
    let decay = 0.4
    let rule = SparseAdam<Double>(
      learningRate: plain.learningRate, beta1: plain.beta1, beta2: plain.beta2, epsilon: plain.epsilon,
      biasCorrection: correction, weightDecay: .caughtUp(decay))
    var (table, state) = (Tensor<Double>(ones: Self.shape), rule.initialState(for: Self.shape))
    var expected = table
    var plainStates = [PlainAdam](repeating: plain, count: table.count)
    var touches = [Int](repeating: 0, count: 9)
    forEachStep { step, slices, factor in
      rule.update(&table, with: slices, state: &state, learningRateFactor: factor)
      let gradient = slices.densified()
      expected *= 1 - plain.learningRate * factor * decay
      for row in Set(slices.indices.map(Int.init)) {
        touches[row] += 1
        for column in 0..<3 {
          let i = row * 3 + column
          plainStates[i].learningRate = plain.learningRate * factor
          plainStates[i].update(
            &expected[row, column], gradient[row, column], step: correction == .globalStep ? step : touches[row])
        }
        #expect(table.row(row).distance(to: expected.row(row)) < 1e-11, "step \(step)")
      }
      if settledAfter.contains(step) {
        rule.settle(&table, state: &state)
        #expect(table.distance(to: expected) < 1e-11, "step \(step)")
      }
    }
    rule.settle(&table, state: &state)
    #expect(table.distance(to: expected) < 1e-11)
    let settled = table
    rule.settle(&table, state: &state)
    #expect(table == settled)
  }

  /// A zero that decays stays what it is, its sign included.
  @Test func zerosKeepTheirSigns() {
    let rule = SparseAdam<Float>(learningRate: 0.1, weightDecay: .caughtUp(0.5))
    var (table, state) = (Tensor<Float>([[-0.0, 0], [1, 1]]), rule.initialState(for: [2, 2]))
    let gradient = IndexedSlices<Float>(indices: [1], values: Tensor([[1, 1]]), denseShape: [2, 2])
    rule.update(&table, with: gradient, state: &state)
    rule.settle(&table, state: &state)
    #expect(table.row(0).hasSameBits(as: Tensor([-0.0, 0])))
  }

  /// A row that is seen in every step has nothing to make up for: AdamW, bit for bit.
  @Test(arguments: [
    SparseAdam<Float>(weightDecay: .touchedRows(0.1), amsgrad: true),
    SparseAdam<Float>(inactiveRows: .decayed, weightDecay: .touchedRows(0.1), amsgrad: true),
    SparseAdam<Float>(weightDecay: .caughtUp(0.1), amsgrad: true),
    SparseAdam<Float>(inactiveRows: .decayed, weightDecay: .caughtUp(0.1), amsgrad: true),
    SparseAdam<Float>(biasCorrection: .activeSteps, weightDecay: .caughtUp(0.1), amsgrad: true),
    SparseAdam<Float>(inactiveRows: .caughtUp, weightDecay: .caughtUp(0.1), amsgrad: true),
  ])
  func withEveryRowTouchedItIsAdamW(rule: SparseAdam<Float>) {
    var generator = RandomGenerator(seed: 2)
    let shape: Shape = [20, 17]
    let adam = AdamW<Float>(weightDecay: 0.1, amsgrad: true)
    var (dense, adamState) = (generator.tensor(shape, of: Float.self), adam.initialState(for: shape))
    var (table, state) = (dense, rule.initialState(for: shape))
    for _ in 0..<30 {
      let slices = generator.slicesOfAllRows(shape, of: Float.self)
      adam.update(&dense, with: slices.densified(), state: &adamState)
      rule.update(&table, with: slices, state: &state)
    }
    rule.settle(&table, state: &state)
    #expect(table.hasSameBits(as: dense))
    #expect(
      Tensor(Array(state.maximumSecondMoment(ofRow: 3)!)) == adamState.maximumSecondMoment!.row(3).reshaped(to: [17]))
  }

  /// A model's tables are settled by its optimizer; to settle twice is to settle once.
  @Test func settlingAModel() {
    var generator = RandomGenerator(seed: 3)
    var model = BagModel<Double>(rows: 10)
    let sparse = SparseAdam<Double>(learningRate: 0.1, weightDecay: .caughtUp(0.5))
    var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: sparse)
    let start = model
    var settledOften = (model: model, optimizer: optimizer)
    for _ in 0..<10 {
      let texts = (0..<4).map { _ in generator.indices(count: 2, tableRows: 5) }
      func step(_ model: inout BagModel<Double>, _ optimizer: inout ModelOptimizer<BagModel<Double>>) {
        let gradients = valueWithGradients(at: model) { $0.loss(texts, [0, 1, 2, 3]) }.gradients
        optimizer.update(&model, with: gradients)
      }
      // Both have to see the same rows: what a step reads has missed its decay.
      optimizer.settle(&model)
      step(&model, &optimizer)
      settledOften.optimizer.settle(&settledOften.model)
      settledOften.optimizer.settle(&settledOften.model)
      step(&settledOften.model, &settledOften.optimizer)
    }
    optimizer.settle(&model)
    settledOften.optimizer.settle(&settledOften.model)
    #expect(model == settledOften.model)
    for row in 5..<10 {
      let expected = start.embedding.weight.value.row(row) * 0.5987369392383789  // 0.95¹⁰
      #expect(model.embedding.weight.value.row(row).distance(to: expected) < 1e-14)
    }
  }
}
