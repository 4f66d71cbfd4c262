import SliceGrad
import Testing

@Suite struct ElementsTests {
  @Test func elementsAreACollection() {
    let elements = Tensor<Double>([[1, 2], [3, 4]]).elements
    #expect(elements.count == 4 && elements.last == 4)
    #expect(elements.reduce(0, +) == 10)
    #expect(Array(elements[1..<3]) == [2, 3])
    #expect(elements.withContiguousStorageIfAvailable { $0[2] } == 3)
    #expect(Tensor<Double>(zeros: [0]).elements.isEmpty)
  }

  @Test func theyArePrintedLikeAnArray() {
    #expect("\(Tensor<Float>([[1, 2.5], [3, 4]]).elements)" == "[1.0, 2.5, 3.0, 4.0]")
  }

  @Test func theyDontChangeWithTheTensor() {
    var tensor = Tensor<Double>([1, 2])
    let before = tensor.elements
    tensor[0] = 5
    #expect(before == [1, 2] && tensor.elements == [5, 2])
  }
}
