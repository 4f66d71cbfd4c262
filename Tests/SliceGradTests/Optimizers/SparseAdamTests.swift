import SliceGrad
import Testing

/// What makes SparseAdam the same rule as Adam, and what makes it sparse.
@Suite struct SparseAdamTests {
  // Widths beside those of the vectors that the kernel computes with.
  private static let widths = [1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65]

  @Test(arguments: widths) func withEveryRowTouchedItIsAdam(columns: Int) {
    compareWithAdam([20, columns], of: Float.self)
    compareWithAdam([20, columns], of: Double.self)
  }

  /// More rows than one block of the state holds.
  @Test func withEveryRowOfManyBlocksTouchedItIsAdam() {
    compareWithAdam([300, 1024], of: Float.self, steps: 4)
  }

  /// Parameters and moments agree to the bit over many steps, whatever the order of the rows.
  private func compareWithAdam<Scalar: TensorScalar>(_ shape: Shape, of type: Scalar.Type, steps: Int = 60) {
    for correction in BiasCorrection.allCases {
      var generator = RandomGenerator(seed: UInt64(shape[1]))
      let adam = Adam<Scalar>(learningRate: 0.01)
      let sparse = SparseAdam<Scalar>(learningRate: 0.01, biasCorrection: correction)
      var (dense, state) = (generator.tensor(shape, of: Scalar.self), adam.initialState(for: shape))
      var (table, sparseState) = (dense, sparse.initialState(for: shape))
      for step in 0..<steps {
        let scale = Scalar([0.01, 1, 30][step % 3])
        let slices = generator.slicesOfAllRows(shape, of: Scalar.self) * scale
        adam.update(&dense, with: slices.densified(), state: &state, learningRateFactor: 1)
        sparse.update(&table, with: slices, state: &sparseState, learningRateFactor: 1)
      }
      #expect(table.hasSameBits(as: dense))
      for row in 0..<shape[0] {
        let moments = Tensor<Scalar>.concatenate([state.firstMoment.row(row), state.secondMoment.row(row)], axis: 0)
        #expect(Tensor(Array(sparseState.moments[row: row]!)).hasSameBits(as: moments))
        #expect(sparseState.moments.touches(ofRow: row) == steps)
      }
    }
  }

  /// Rows without a gradient keep their numbers and moments to the bit, for as long as it takes.
  @Test func untouchedRowsStay() {
    var generator = RandomGenerator(seed: 1)
    let shape: Shape = [12, 5]
    let (adam, sgd) = (
      SparseAdam<Float>(learningRate: 0.1), SGD<IndexedSlices<Float>>(learningRate: 0.1, momentum: 0.9)
    )
    let weighted = SGD<IndexedSlices<Float>>(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true)
    var tables = (0..<3).map { _ in generator.tensor(shape, of: Float.self) }
    var adamState = adam.initialState(for: shape)
    var (sgdState, weightedState) = (sgd.initialState(for: shape), weighted.initialState(for: shape))
    func update(_ slices: IndexedSlices<Float>) {
      adam.update(&tables[0], with: slices, state: &adamState, learningRateFactor: 1)
      sgd.update(&tables[1], with: slices, state: &sgdState, learningRateFactor: 1)
      weighted.update(&tables[2], with: slices, state: &weightedState, learningRateFactor: 1)
    }
    func remembered(_ row: Int) -> [[Float]?] {
      [adamState.moments[row: row], sgdState.momentum![row: row], weightedState.momentum![row: row]].map {
        $0.map(Array.init)
      }
    }
    // Rows 0 to 3 are touched at first, then never again; 8 to 11 never.
    for _ in 0..<5 {
      update(IndexedSlices(indices: [3, 0, 2, 1], values: generator.tensor([4, 5]), denseShape: shape))
    }
    let (tablesBefore, memoryBefore) = (tables, (0..<12).map(remembered))
    for _ in 0..<100 {
      let touched = generator.indices(count: 6, tableRows: 4).map { $0 + 4 }
      update(IndexedSlices(indices: touched, values: generator.tensor([6, 5]), denseShape: shape))
    }
    for row in [0, 1, 2, 3, 8, 9, 10, 11] {
      for table in 0..<3 { #expect(tables[table].row(row).hasSameBits(as: tablesBefore[table].row(row))) }
      #expect(remembered(row) == memoryBefore[row])
      #expect((remembered(row)[0] == nil) == (row >= 8))
    }
    for row in 4..<8 { #expect(tables[0].row(row) != tablesBefore[0].row(row)) }
  }

  /// Repeats count once, with the sum of their gradients.
  @Test func repeatsAreOneUpdate() {
    let shape: Shape = [4, 2]
    let rule = SparseAdam<Double>(learningRate: 0.1, biasCorrection: .activeSteps)
    var (once, twice) = (Tensor<Double>(ones: shape), Tensor<Double>(ones: shape))
    var (onceState, twiceState) = (rule.initialState(for: shape), rule.initialState(for: shape))
    let values = Tensor<Double>([[1, 2], [30, 40], [5, 6]])
    for _ in 0..<3 {
      let repeated = IndexedSlices(indices: [2, 0, 2], values: values, denseShape: shape)
      rule.update(&once, with: repeated.coalesced(), state: &onceState, learningRateFactor: 1)
      rule.update(&twice, with: repeated, state: &twiceState, learningRateFactor: 1)
    }
    #expect(once == twice)
    #expect(twiceState.moments.touches(ofRow: 2) == 3)
    #expect(twiceState.moments.rows == [2, 0])
  }

  /// The documentation's numbers: how much longer a rare row's steps are under `.globalStep`, late in training.
  @Test func rareRowsLateInTraining() {
    func way(_ correction: BiasCorrection, steps: Int) -> Double {
      let rule = SparseAdam<Double>(learningRate: 1, epsilon: 0, biasCorrection: correction)
      var (table, state) = (Tensor<Double>(zeros: [2, 1]), rule.initialState(for: [2, 1]))
      let nothing = IndexedSlices<Double>(denseShape: [2, 1])
      for _ in 0..<20_000 { rule.update(&table, with: nothing, state: &state, learningRateFactor: 1) }
      var last = 0.0
      for _ in 0..<steps {
        let before = table[1, 0]
        let slices = IndexedSlices(indices: [1], values: Tensor<Double>([[1]]), denseShape: [2, 1])
        rule.update(&table, with: slices, state: &state, learningRateFactor: 1)
        last = before - table[1, 0]
      }
      return last
    }
    for (steps, ratio) in [(1, 3.16), (10, 6.53), (1000, 1.258)] {
      let quotient = way(.globalStep, steps: steps) / way(.activeSteps, steps: steps)
      #expect(abs(quotient / ratio - 1) < 0.002, "after \(steps) steps \(quotient)")
    }
  }
}
