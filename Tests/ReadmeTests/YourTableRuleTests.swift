import SliceGrad
import Testing

// The code of YourTableRule.md; the first test compares the two.

struct RowMomentum: Optimizer {
  struct State: Restorable {
    var momentum: RowState<Float>

    mutating func visitFields(_ visit: inout FieldVisitor) { visit(&momentum, "momentum") }
  }

  var learningRate = 0.1
  var momentum = 0.9

  func initialState(for shape: Shape) -> State {
    State(momentum: RowState(tableShape: shape, width: shape[1]))
  }

  func update(
    _ table: inout Tensor<Float>, with gradient: IndexedSlices<Float>, state: inout State, learningRateFactor: Double
  ) {
    let (rate, decay) = (Float(learningRate * learningRateFactor), Float(momentum))
    state.momentum.update(gradient, of: &table) { row, gradient, momentum in
      for i in row.indices {
        momentum[i] = decay * momentum[i] + gradient[i]
        row[i] -= rate * momentum[i]
      }
    }
  }
}

struct RowDescent: Optimizer {
  typealias State = EmptyState

  var learningRate = 0.1

  func update(
    _ table: inout Tensor<Float>, with gradient: IndexedSlices<Float>, state: inout State, learningRateFactor: Double
  ) {
    table.add(gradient, scaledBy: -Float(learningRate * learningRateFactor))
  }
}

struct YourTableRuleTests {
  @Test("the article on rules for tables is compiled")
  func articleIsCompiled() throws { try expectCompiled("Sources/SliceGrad/SliceGrad.docc/YourTableRule.md") }

  @Test("its rules for tables do what SGD does")
  func rowRulesAreRight() {
    func table(_ rule: some Optimizer<IndexedSlices<Float>>) -> Tensor<Float> {
      var (table, state) = (Tensor<Float>(ones: [5, 2]), rule.initialState(for: [5, 2]))
      for rows in [[1, 3], [3, 4], [1, 1]] as [[Int32]] {
        let gradient = IndexedSlices<Float>(indices: rows, values: Tensor([[1, 2], [3, -4]]), denseShape: [5, 2])
        rule.update(&table, with: gradient, state: &state)
      }
      return table
    }
    func agree(_ x: Tensor<Float>, _ y: Tensor<Float>) -> Bool { (x - y).elements.allSatisfy { abs($0) < 1e-6 } }
    #expect(agree(table(RowMomentum()), table(SGD(learningRate: 0.1, momentum: 0.9))))
    #expect(agree(table(RowDescent()), table(SGD(learningRate: 0.1))))
  }
}
