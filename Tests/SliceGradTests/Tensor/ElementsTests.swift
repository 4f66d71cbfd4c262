import SliceGrad
import Testing

@Suite struct ElementsTests {
  @Test func elementsAreACollection() {
    let elements = Tensor<Double>([[1, 2], [3, 4]]).elements
    #expect(elements.count == 4 && elements.last == 4)
    #expect(elements.reduce(0, +) == 10)
    #expect(Array(elements[1..<3]) == [2, 3])
    #expect(elements.withContiguousStorageIfAvailable { $0[2] } == 3)
    let part = elements[1...].dropFirst()
    #expect(part.startIndex == 2 && part[3] == 4 && part == [3, 4])
    #expect(part.withContiguousStorageIfAvailable { Array($0) } == [3, 4])
    #expect(Tensor<Double>(zeros: [0]).elements.isEmpty)
  }

  @Test func theyArePrintedLikeAnArray() {
    let elements = Tensor<Float>([[1, 2.5], [3, 4]]).elements
    #expect("\(elements)" == "[1.0, 2.5, 3.0, 4.0]")
    #expect("\(elements[1..<3])" == "[2.5, 3.0]" && "\(elements.prefix(2))" == "[1.0, 2.5]")
  }

  @Test func theyDontChangeWithTheTensor() {
    var tensor = Tensor<Double>([1, 2])
    let before = tensor.elements
    tensor[0] = 5
    #expect(before == [1, 2] && tensor.elements == [5, 2])
  }

  /// The gradient of a sum is one number repeated, which isn't stored to look at one element: a loop over all would
  /// take minutes.
  @Test func oneNumberRepeatedIsNotStored() {
    let zeros = Tensor<Float>(zeros: [1 << 20])
    let gradient = valueWithGradients(at: [zeros]) { $0[0].sum() * 2 }.gradients[0]
    #expect((0..<gradient.count).allSatisfy { gradient.elements[$0] == 2 })
    let few = valueWithGradients(at: [Tensor<Float>([1, 2])]) { $0[0].sum() * 2 }.gradients[0].elements
    #expect(few == [2, 2] && Array(few) == [2, 2] && few.withContiguousStorageIfAvailable { Array($0) } == [2, 2])
  }
}
