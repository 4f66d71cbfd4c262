import SliceGrad
import Testing

@Suite struct RegularizationTests {
  /// What dropout makes of ones, and of their gradient, in one step of a tape.
  private func drop(_ probability: Float, count: Int, on tape: Tape<Float>) -> (
    values: Tensor<Float>, gradient: Tensor<Float>
  ) {
    var values = Tensor<Float>(0)
    let (_, gradients) = valueWithGradients(at: [Tensor(ones: [count])], on: tape) { x in
      let dropped = x[0].dropout(probability)
      values = dropped.value
      return dropped.sum()
    }
    return (values, gradients[0])
  }

  @Test func elementsAreZeroOrScaled() {
    let (values, gradient) = drop(0.75, count: 10_000, on: Tape(seed: 1))
    #expect(Set(values.elements) == [0, 4])
    #expect(gradient == values)
    // Four standard errors of the share that is kept.
    let kept = Double(values.elements.count { $0 != 0 }) / 10_000
    #expect(abs(kept - 0.25) < 4 * (0.25 * 0.75 / 10_000).squareRoot())
  }

  /// Element i is kept if the i-th number of its sequence is, whatever the kernel's vectors are.
  @Test func elementsFollowTheGenerator() {
    let tape = Tape<Float>(seed: 2)
    var source = RandomGenerator(state: tape.generator!.state)
    source = RandomGenerator(state: source.next())
    for value in drop(0.5, count: 67, on: tape).values.elements {
      #expect(value == (Float(source.next() >> 40) / 16_777_216 < 0.5 ? 2 : 0))
    }
  }

  @Test func everyStepAndEveryUseDropOthers() {
    let tape = Tape<Float>(seed: 3)
    let steps = (0..<3).map { _ in drop(0.5, count: 64, on: tape).values }
    #expect(steps[0] != steps[1] && steps[1] != steps[2] && steps[0] != steps[2])
    _ = valueWithGradients(at: [Tensor<Float>(ones: [64])], on: tape) { x in
      let (first, second) = (x[0].dropout(0.5), x[0].dropout(0.5))
      #expect(first.value != second.value)
      return (first + second).sum()
    }
  }

  @Test func aSeedAlwaysDropsTheSame() {
    let (one, two, other) = (Tape<Float>(seed: 4), Tape<Float>(seed: 4), Tape<Float>(seed: 5))
    for _ in 0..<3 {
      let expected = drop(0.5, count: 64, on: one).values
      #expect(drop(0.5, count: 64, on: two).values == expected)
      #expect(drop(0.5, count: 64, on: other).values != expected)
    }
    two.generator = RandomGenerator(state: one.generator!.state)
    #expect(drop(0.5, count: 64, on: one).values == drop(0.5, count: 64, on: two).values)
  }

  @Test func nothingDropsWithoutATapeOrAtZero() {
    let x = Tensor<Float>([1, 2, 3])
    #expect(Variable(x).dropout(0.9).value == x)
    #expect(Variable(x, on: Tape()).dropout(0).value == x)
  }

  /// Along shared axes, in groups of rows, and over the time of sequences, all are dropped or none.
  @Test func sharedMasks() {
    let tape = Tape<Float>(seed: 6)
    let ones = Tensor<Float>(ones: [6, 40, 3])
    let groups: [Int32] = [7, 0, 7, 7, 0, 2]
    var (shared, grouped, timed): (Tensor<Float>, Tensor<Float>, Tensor<Float>) = (ones, ones, ones)
    let (_, gradients) = valueWithGradients(at: [ones], on: tape) { x in
      let sequences = Sequences(values: x[0], rowSplits: [0, 2, 2, 6])
      let results = [
        x[0].dropout(0.5, sharedOver: [1, -1]), x[0].dropout(0.5, ofRowsInGroups: groups),
        sequences.dropout(0.5).values,
      ]
      (shared, grouped, timed) = (results[0].value, results[1].value, results[2].value)
      return (results[0] + results[1] + results[2]).sum()
    }
    #expect(gradients[0] == shared + grouped + timed)
    for i in 0..<6 {
      #expect(Set(shared.row(i).elements).count == 1 && Set(grouped.row(i).elements).count == 1)
      #expect(grouped.row(i) == grouped.row(groups.firstIndex(of: groups[i])!))
      #expect(timed.row(i) == timed.row(i < 2 ? 0 : 2))
    }
    #expect(Set(timed.row(0).elements) == [0, 2] && timed.row(0) != timed.row(2))
    // Each of many groups has its own chance.
    let many = drop(0.25, rows: 2000, on: tape)
    #expect((many.elements.count { $0 == 0 } - 500).magnitude < 100)
    #expect(Variable(ones).dropout(0.5, sharedOver: [0]).value == ones)
    #expect(Variable(ones).dropout(0.5, ofRowsInGroups: groups).value == ones)
    #expect(Sequences(values: Variable(ones), rowSplits: [0, 6]).dropout(0.5).values.value == ones)
  }

  private func drop(_ probability: Float, rows: Int, on tape: Tape<Float>) -> Tensor<Float> {
    var result = Tensor<Float>(0)
    _ = valueWithGradients(at: [Tensor<Float>(ones: [rows])], on: tape) { x in
      let dropped = x[0].dropout(probability, ofRowsInGroups: Array(0..<rows))
      result = dropped.value
      return dropped.sum()
    }
    return result
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("dropout: 2 groups for shape [3], expected one for each row") {
      _ = Variable(Tensor<Float>(ones: [3])).dropout(0.5, ofRowsInGroups: [1, 2])
    },
    ProgrammingError("dropout: probability 1.0 is not in 0..<1") { _ = Variable(Tensor<Float>(0)).dropout(1) },
    ProgrammingError("dropout: probability -0.5 is not in 0..<1") { _ = Variable(Tensor<Float>(0)).dropout(-0.5) },
    ProgrammingError(
      "dropout: this value takes part in no step; start with Variable(x, on: tape), and compute what isn't trained "
        + "before the step"
    ) {
      _ = valueWithGradients(at: [Tensor<Float>(ones: [2])], on: Tape(seed: 1)) { x in
        (x[0] + Variable(Tensor(ones: [2])).dropout(0.5)).sum()
      }
    },
    ProgrammingError(
      "dropout: this tape has no random numbers; make one with Tape(seed:) before the first step and pass it to "
        + "every step: valueWithGradients(at: model, on: tape) { model in … }"
    ) {
      _ = valueWithGradients(at: [Tensor<Float>(ones: [2])]) { $0[0].dropout(0.5).sum() }
    },
  ]
}
