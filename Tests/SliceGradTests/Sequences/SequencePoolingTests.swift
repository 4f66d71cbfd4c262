import SliceGrad
import Testing

@Suite struct SequencePoolingTests {
  @Test func pooling() {
    let sequences = SampleSequences.numbers
    #expect(sequences.sum().value == Tensor([[3, 30], [0, 0], [12, -8], [6, 6], [0, 0]]))
    #expect(sequences.mean().value == Tensor([[1.5, 15], [0, 0], [4, -8 / 3.0], [6, 6], [0, 0]]))
    #expect(sequences.max().value == Tensor([[2, 20], [0, 0], [5, 0], [6, 6], [0, 0]]))
    let weights = Variable(Tensor<Double>([1, 2, 0, 1, 0.5, -1]))
    #expect(sequences.sum(weights: weights).value == Tensor([[5, 40], [0, 0], [7, -4.5], [-6, -6], [0, 0]]))
    #expect(sequences.expanding(sequences.sum()).value[4, 0] == 12)
    let scores = SampleSequences.of(Variable(Tensor<Double>([0, 0, 1000, 1000, 1000, -3])))
    let softmax = scores.softmax().values.value
    #expect(softmax.distance(to: Tensor([0.5, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1])) < 1e-15)
    // Elements of any shape.
    let numbers = SampleSequences.of(Variable(Tensor<Double>([1, 2, 3, 4, 5, 6])))
    #expect(numbers.sum().value == Tensor([3, 0, 12, 6, 0]) && numbers.max().value == Tensor([2, 0, 5, 6, 0]))
    #expect(numbers.mean().value == Tensor([1.5, 0, 4, 6, 0]))
  }

  @Test func gradients() {
    var generator = RandomGenerator(seed: 3)
    let factors = generator.tensor([5, 2], of: Double.self)
    let uses: [(String, @Sendable ([Variable<Double>]) -> Variable<Double>)] = [
      ("sum", { (SampleSequences.of($0[0]).sum().square() * factors).sum() }),
      ("mean", { (SampleSequences.of($0[0]).mean().square() * factors).sum() }),
      ("max", { (SampleSequences.of($0[0]).max().square() * factors).sum() }),
      ("weighted sum", { (SampleSequences.of($0[0]).sum(weights: $0[1]).square() * factors).sum() }),
      (
        "attention",
        { x in (SampleSequences.of(x[0]).sum(weights: SampleSequences.of(x[1]).softmax().values) * factors).sum() }
      ),
      ("expanding", { (SampleSequences.of($0[0]).expanding($0[2]) * $0[0]).sum() }),
      ("softmax", { (SampleSequences.of($0[0]).softmax().values * $0[0].square()).sum() }),
    ]
    let inputs = ([[6, 2], [6], [5, 2]] as [Shape]).map { generator.tensor($0, of: Double.self) }
    for (name, use) in uses {
      let check = checkGradients(at: inputs) { x in use(x) + x.map { $0.sum() }.reduce(Variable(Tensor(0))) { $0 + $1 }
      }
      #expect(check.passed, "\(name): \(check)")
    }
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("sum: weights of shape [2] for elements [6, 2], expected [n] or [n, 1]") {
      _ = SampleSequences.numbers.sum(weights: Variable(Tensor([1, 2])))
    },
    ProgrammingError("expanding: shape [4, 2] for 5 sequences, expected [5, …]") {
      _ = SampleSequences.numbers.expanding(Variable(Tensor(zeros: [4, 2])))
    },
  ]
}
