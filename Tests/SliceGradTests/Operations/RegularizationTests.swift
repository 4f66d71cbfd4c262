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

  /// See `TrapTests`.
  static let errors = [
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
