import SliceGrad
import Testing

@Suite struct RegressionLossesTests {
  @Test func squaredErrors() {
    let (predictions, targets) = (Tensor<Double>([[1, 2], [3, 4]]), Tensor<Double>([[1, 0], [0, 5]]))
    #expect(meanSquaredError(Variable(predictions), targets, reduction: .none).value == Tensor([[0, 4], [9, 1]]))
    #expect(meanSquaredError(Variable(predictions), targets, reduction: .sum).scalar == 14)
    let (value, gradients) = valueWithGradients(at: [predictions]) { meanSquaredError($0[0], targets) }
    #expect(value == 3.5)
    #expect(gradients == [Tensor([[0, 1], [1.5, -0.5]])])
  }

  /// Errors of 0, on δ, and beyond; and those that are larger than any number's square.
  @Test func kinks() {
    let targets = Tensor<Float>([0, 0, 0, 0, 0])
    let (_, gradients) = valueWithGradients(at: [Tensor<Float>([0, 0.5, -0.5, 3, -1e30])]) { x in
      let losses = huber(x[0], targets, delta: 0.5, reduction: .none)
      #expect(losses.value == Tensor([0, 0.125, 0.125, 1.375, 5e29]))
      #expect(meanAbsoluteError(x[0], targets, reduction: .none).value == Tensor([0, 0.5, 0.5, 3, 1e30]))
      return losses.sum()
    }
    #expect(gradients == [Tensor([0, 0.5, -0.5, 0.5, -0.5])])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("meanSquaredError: predictions [2] and targets [1] differ in shape") {
      _ = meanSquaredError(Variable(Tensor<Float>([1, 2])), Tensor([1]))
    },
    ProgrammingError("meanAbsoluteError: predictions [2] and targets [1] differ in shape") {
      _ = meanAbsoluteError(Variable(Tensor<Float>([1, 2])), Tensor([1]))
    },
    ProgrammingError("huber: predictions [2] and targets [1] differ in shape") {
      _ = huber(Variable(Tensor<Float>([1, 2])), Tensor([1]))
    },
    ProgrammingError("huber: delta 0.0, expected a number above 0") {
      _ = huber(Variable(Tensor<Float>([1])), Tensor([1]), delta: 0)
    },
  ]
}
