import SliceGrad
import Testing

@Suite struct VariableTests {
  @Test func withoutATapeNothingIsRecorded() {
    let x = Variable(Tensor<Double>([1, 2, 3]))
    let y = (x * x).sum()
    #expect(y.value == Tensor(14))
    #expect(y.scalar == 14)
    #expect(y.tape == nil)
    #expect(x.shape == [3])
  }

  /// A constant on a tape hands the tape on, but no gradient.
  @Test func constantsHandTheirTapeOn() {
    let tape = Tape<Double>()
    let constant = Variable(Tensor<Double>([1]), on: tape)
    for result in [constant + 1, 1 / constant, constant.exp(), constant.reshaped(to: [1, 1]), constant * constant] {
      #expect(result.tape === tape)
    }
    _ = valueWithGradients(at: [Tensor<Double>([1])], on: tape) { x in
      #expect((Variable(Tensor([2])) * x[0]).tape === tape)
      #expect(x[0].detached().tape === tape)
      return x[0].sum()
    }
  }

  @Test func detachedStopsGradients() {
    let (value, gradients) = valueWithGradients(at: [Tensor<Double>([3])]) { x in
      (x[0].square().detached() * x[0]).sum()
    }
    #expect(value == 27)
    #expect(gradients == [Tensor([9])])
  }

  /// A user's operation. Its second pullback answers in the result's shape: the tape sums over the rows.
  @Test func recordedOperations() {
    func shiftedCube(_ x: Variable<Double>, by row: Variable<Double>) -> Variable<Double> {
      let v = x.value
      return .recorded(v * v * v + row.value, from: x.back { g in g * v * v * 3 }, row.back { g in g })
    }
    let check = checkGradients(at: ["x": Tensor([[1, 2, 3], [3, 4, 5]]), "row": Tensor([0.5, -1, 2])]) {
      shiftedCube($0["x"]!, by: $0["row"]!)
    }
    #expect(check.passed, "\(check)")
  }

  /// Pullbacks of inputs that aren't tracked are never called; a tracked one is called once.
  @Test func onlyTrackedInputsArePulledBack() {
    var calls: [String] = []
    let (_, gradients) = valueWithGradients(at: [Tensor<Double>(2)]) { x in
      let constant = Variable(Tensor<Double>(3))
      let product = Variable.recorded(
        Tensor(6),
        from: [
          x[0].back { g in
            calls.append("tracked")
            return g * 3
          },
          constant.back { g in
            calls.append("constant")
            return g * 2
          },
        ])
      return product + product
    }
    #expect(gradients == [Tensor(6)])
    #expect(calls == ["tracked"])
  }
}
