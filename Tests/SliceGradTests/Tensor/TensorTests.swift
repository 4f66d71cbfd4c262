import SliceGrad
import Testing

@Suite struct TensorTests {
  @Test func initializers() {
    #expect(Tensor<Float>(3).shape == [])
    #expect(Tensor<Float>([1, 2]).shape == [2])
    #expect(Tensor<Float>(zeros: [0]).shape == [0])
    #expect(Tensor<Float>([[1, 2, 3], [4, 5, 6]]).shape == [2, 3])
    #expect(Tensor<Float>([[1, 2, 3], [4, 5, 6]]).elements == [1, 2, 3, 4, 5, 6])
    #expect(Tensor<Float>([[[1], [2]], [[3], [4]], [[5], [6]]]).shape == [3, 2, 1])
    #expect(Tensor<Float>([[[1], [2]], [[3], [4]], [[5], [6]]]).elements == [1, 2, 3, 4, 5, 6])
    #expect(Tensor<Double>(ones: [2, 2]).elements == [1, 1, 1, 1])
    #expect(Tensor<Double>(zeros: [2, 0]).count == 0)
    #expect(Tensor<Double>(repeating: 7, shape: []).scalar == 7)
    #expect(Tensor<Double>(shape: [3], elements: stride(from: 1, to: 4, by: 1)).elements == [1, 2, 3])
  }

  @Test func isAValue() {
    let original = Tensor<Float>([[1, 2], [3, 4]])
    var copy = original
    copy[1, 0] = 9
    copy *= 2
    #expect(copy == Tensor([[2, 4], [18, 8]]))
    #expect(original == Tensor([[1, 2], [3, 4]]))
  }

  @Test func equalityIsThatOfShapesAndNumbers() {
    #expect(Tensor<Float>([1, 2]) != Tensor([[1, 2]]))
    #expect(Tensor<Float>([0]) == Tensor([-0.0]))
    #expect(Tensor<Float>([.nan]) != Tensor([.nan]))
  }

  @Test func conversionRounds() {
    #expect(Tensor<Float>(Tensor<Double>([0.1, 1e300])) == Tensor([0.1, .infinity]))
    #expect(Tensor<Double>(Tensor<Float>([[0.1]]))[0, 0] == Double(Float(0.1)))
  }

  @Test func isFinite() {
    #expect(Tensor<Float>([1, -2]).isFinite)
    #expect(Tensor<Float>(zeros: [0]).isFinite)
    for number: Float in [.nan, .infinity, -.infinity] { #expect(!Tensor([1, number]).isFinite) }
  }
}
