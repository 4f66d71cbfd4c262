import SliceGrad
import Testing

@Suite struct RaggedIndicesTests {
  @Test func rowNumbersThatAreInt() {
    let bags: [[Int]] = [[3, 1], [], [2]]
    #expect(RaggedIndices(bags) == RaggedIndices([[3, 1], [], [2]]))
    let x = Variable(Tensor<Float>([[1, 2], [3, 4]]))
    let rows: [Int] = [1, 0, 1]
    #expect(x.gather(rows).value == x.gather([1, 0, 1]).value)
    let labels: [Int] = [1, 0]
    #expect(softmaxCrossEntropy(x, labels).value == softmaxCrossEntropy(x, [1, 0]).value)
  }

  @Test func bagsOneByOne() {
    let texts = RaggedIndices([[3, 1, 3], [], [0]])
    #expect(texts.values == [3, 1, 3, 0])
    #expect(texts.rowSplits == [0, 3, 3, 4])
    #expect(texts.bagCount == 3)
    #expect(texts == RaggedIndices(values: [3, 1, 3, 0], rowSplits: [0, 3, 3, 4]))
  }

  @Test func nothing() {
    #expect(RaggedIndices([]).bagCount == 0)
    #expect(RaggedIndices([]).rowSplits == [0])
    #expect(RaggedIndices([[], []]).rowSplits == [0, 0, 0])
  }

  @Test func validIndicesPass() throws {
    let bags = try RaggedIndices(validating: [3, 1, 3, 0], rowSplits: [0, 3, 3, 4], tableRows: 4)
    #expect(bags == RaggedIndices([[3, 1, 3], [], [0]]))
    #expect(try RaggedIndices(validating: [], rowSplits: [0], tableRows: 0).bagCount == 0)
  }

  @Test(
    arguments: [
      ([0, 4, 1], [0, 3], "row number 4 at position 1 is not in 0..<4"),
      ([0, 1, -1, 9], [0, 2, 4], "row number -1 at position 2 is not in 0..<4"),
      ([.max], [0, 1], "row number 2147483647 at position 0 is not in 0..<4"),
      ([.min], [0, 1], "row number -2147483648 at position 0 is not in 0..<4"),
      ([0], [], "no row splits, expected at least [0]"),
      ([0], [1, 1], "row splits begin with 1, not 0"),
      ([0, 0], [0, 2, 1, 2], "row split 2 is 1, less than the one before, 2"),
      ([0, 0], [0, -1, 2], "row split 1 is -1, less than the one before, 0"),
      ([0, 0], [0, 1], "row splits end with 1, but there are 2 values"),
      ([], [0, 1], "row splits end with 1, but there are 0 values"),
    ] as [([Int32], [Int32], String)])
  func invalidIndicesThrow(values: [Int32], rowSplits: [Int32], message: String) {
    let error = #expect(throws: InvalidIndices.self) {
      try RaggedIndices(validating: values, rowSplits: rowSplits, tableRows: 4)
    }
    #expect(error?.description == message)
  }
}
