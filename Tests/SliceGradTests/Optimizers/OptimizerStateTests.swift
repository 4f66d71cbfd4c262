import SliceGrad
import Testing

@Suite struct OptimizerStateTests {
  /// The fields of an optimizer's state after two steps, which touch rows 1, 2 and 4 of a table of 6 rows of 3.
  private func listing(
    dense: some Optimizer<Tensor<Double>>, sparse: some Optimizer<IndexedSlices<Double>>
  ) -> [String: String] {
    var model = BagModel<Double>()
    var optimizer = ModelOptimizer(for: model, dense: dense, sparse: sparse)
    for bag in [[1, 2], [4, 1]] as [[Int32]] {
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss([bag], [0]) }.gradients)
    }
    var listing: [String: String] = [:]
    optimizer.forEachField { name, field in
      listing[name] =
        switch field {
        case let tensor as Tensor<Double>: "\(tensor.shape)"
        case let rows as RowState<Double>: "\(rows.rows.count) rows of \(rows.width)"
        case let list as RowNumbers: "\(list.numbers) in \(list.state)"
        default: "\(field)"
        }
    }
    return listing
  }

  @Test func fieldsOfEachRule() {
    #expect(
      listing(dense: SGD(learningRate: 1), sparse: SGD(learningRate: 1, momentum: 0.5)) == [
        "step": "2", "embedding.weight.step": "2", "embedding.weight.momentum": "3 rows of 3",
        "output.weight.step": "2", "output.bias.step": "2",
      ])
    let adam = ["step": "2", "firstMoment": "[4, 3]", "secondMoment": "[4, 3]"]
    let sparse = listing(
      dense: Adam(amsgrad: true),
      sparse: SparseAdam(inactiveRows: .decayed, weightDecay: .caughtUp(0.1), amsgrad: true))
    for (name, content) in adam { #expect(sparse["output.weight." + name] == content) }
    #expect(sparse["output.bias.maximumSecondMoment"] == "[4]")
    #expect(sparse["embedding.weight.moments"] == "3 rows of 9")
    #expect(sparse["embedding.weight.lastSteps"] == "[2, 1, 2] in embedding.weight.moments")
    #expect(sparse["embedding.weight.settledStep"] == "0")
    #expect(sparse["embedding.weight.learningRates"] == "[0.001, 0.001]")
    #expect(sparse.count == 1 + 4 + 4 + 5)
    #expect(
      listing(dense: RMSprop(momentum: 0.5, centered: true), sparse: RowwiseAdagrad()) == [
        "step": "2", "embedding.weight.sumOfSquares": "3 rows of 1",
        "output.weight.secondMoment": "[4, 3]", "output.weight.mean": "[4, 3]", "output.weight.momentum": "[4, 3]",
        "output.bias.secondMoment": "[4]", "output.bias.mean": "[4]", "output.bias.momentum": "[4]",
      ])
    #expect(
      listing(dense: RMSprop(), sparse: SGD(learningRate: 1)) == [
        "step": "2", "embedding.weight.step": "2", "output.weight.secondMoment": "[4, 3]",
        "output.bias.secondMoment": "[4]",
      ])
    #expect(
      listing(dense: Lion(), sparse: Densifying(AdamW())) == [
        "step": "2", "output.weight.momentum": "[4, 3]", "output.bias.momentum": "[4]", "embedding.weight.step": "2",
        "embedding.weight.firstMoment": "[6, 3]",
        "embedding.weight.secondMoment": "[6, 3]",
      ])
  }

  /// A table's state by key path: its rows, a row's updates, its moments; nil for another rule's.
  @Test func stateOfALeaf() throws {
    var model = BagModel<Double>()
    var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
    for bag in [[1, 2], [4, 1]] as [[Int32]] {
      optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss([bag], [0]) }.gradients)
    }
    let state = try #require(optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Double>.State.self))
    #expect(state.moments.rows == [1, 2, 4])
    #expect((0..<6).map(state.moments.touches(ofRow:)) == [0, 2, 1, 0, 1, 0])
    #expect(state.firstMoment(ofRow: 1)?.count == 3 && state.firstMoment(ofRow: 0) == nil)
    #expect(optimizer.state(of: \.output.bias, in: model, as: Adam<Double>.State.self)?.step == 2)
    #expect(optimizer.state(of: \.output.bias, in: model, as: SGD<Tensor<Double>>.State.self) == nil)
  }

  /// Dense moments take two numbers an element. Sparse ones take their block (all six rows fit into one of 8) and some
  /// bytes a row.
  @Test func byteCount() throws {
    var model = BagModel<Double>()
    var optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
    let atFirst = optimizer.stateByteCount
    optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss([[1, 2]], [0]) }.gradients)
    let moments = try #require(optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Double>.State.self))
      .moments
    #expect(moments.byteCount >= 8 * 6 * 8 + 6 * 4 && moments.byteCount < 8 * 6 * 8 + 6 * 4 + 200)
    #expect(optimizer.stateByteCount >= 2 * 16 * 8 + moments.byteCount)
    #expect(optimizer.stateByteCount < 2 * 16 * 8 + moments.byteCount + 200)
    #expect(atFirst < optimizer.stateByteCount)
  }

  /// A rule without moments keeps the number of its updates for each of the three leaves, and the optimizer its own.
  @Test func byteCountOfNumbers() {
    let model = BagModel<Double>()
    let optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1), sparse: SGD(learningRate: 1))
    #expect(optimizer.stateByteCount == 4 * MemoryLayout<Int>.size)
  }

  /// What is kept for each row besides its moments counts too. (Both are asked of one state: another one's arrays can
  /// have other capacities.)
  @Test(arguments: [
    (SparseAdam<Double>(), 0), (SparseAdam(inactiveRows: .decayed), 4), (SparseAdam(weightDecay: .caughtUp(0.1)), 4),
  ])
  func byteCountOfRowNumbers(rule: SparseAdam<Double>, bytesPerRow: Int) throws {
    var model = BagModel<Double>(rows: 1000)
    var optimizer = ModelOptimizer(for: model, dense: SGD(learningRate: 1), sparse: rule)
    let all = [Array(Int32(0)..<1000)]
    optimizer.update(&model, with: valueWithGradients(at: model) { $0.loss(all, [0]) }.gradients)
    let state = try #require(optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Double>.State.self))
    let besides = optimizer.stateByteCount - state.moments.byteCount
    #expect(besides >= 1000 * bytesPerRow && besides < 1000 * bytesPerRow + 4000)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError(
      "\\BagModel<Double>.output leads to 2 of the parameters that BagModel<Double>.visitParameters visits, expected one"
    ) {
      let model = BagModel<Double>()
      let optimizer = ModelOptimizer(for: model, dense: Adam(), sparse: SparseAdam())
      _ = optimizer.state(of: \.output, in: model, as: Adam<Double>.State.self)
    },
    ProgrammingError("what rows have missed is counted up to update 2147483647, this is update 2147483648") {
      let rule = SparseAdam<Double>(inactiveRows: .decayed)
      var (table, state) = (Tensor<Double>(zeros: [2, 1]), rule.initialState(for: [2, 1]))
      state.forEachField { name, field in if name == "step" { field = Int(Int32.max) - 1 } }
      for _ in 0..<2 {
        rule.update(
          &table, with: IndexedSlices(indices: [1], values: Tensor([[1]]), denseShape: [2, 1]), state: &state)
      }
    },
  ]
}
