import SliceGrad
import Testing

@Suite struct UnitRowsTests {
  /// A row of zeros, and operands that broadcast.
  @Test func zerosAndBroadcasting() {
    let x = Tensor<Double>([[0, 0], [3, -4]])
    #expect(x.unitRows() == Tensor([[0, 0], [0.6, -0.8]]))
    let (value, gradients) = valueWithGradients(at: [x]) { $0[0].unitRows().slice(0..<1, axis: 1).sum() }
    #expect(value == 0.6 && gradients[0].isFinite && gradients[0].row(0) == Tensor([1, 0]))
    #expect(cosineSimilarity(Variable(x), Tensor([-6, 8])).value == Tensor([0, -1]))
    #expect(cosineSimilarity(Variable(Tensor<Double>(zeros: [0, 3])), Tensor(ones: [3])).shape == [0])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("cosineSimilarity: [1, 1] and [1, 2], expected […, d] twice") {
      _ = cosineSimilarity(Tensor<Float>([[1]]), Tensor<Float>([[1, 1]]))
    },
    ProgrammingError("cosineSimilarity: [] and [], expected […, d] twice") {
      _ = cosineSimilarity(Tensor<Float>(1), Tensor<Float>(1))
    },
  ]
}
