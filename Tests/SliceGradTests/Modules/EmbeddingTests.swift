import SliceGrad
import Testing

@Suite struct EmbeddingTests {
  private static let table = Tensor<Double>([[1, 2], [3, 4], [5, 6]])

  @Test func embedding() {
    let layer = Embedding<Double>(weight: Self.table)
    #expect(layer([2, 0]).value == Tensor([[5, 6], [1, 2]]))
    #expect(layer([[2, 0], [1, 1]]).value == Tensor([[[5, 6], [1, 2]], [[3, 4], [3, 4]]]))
    #expect(layer([2, 0, 1, 1], shape: [2, 2]).value == Tensor([[[5, 6], [1, 2]], [[3, 4], [3, 4]]]))
    #expect(layer.parameterNames == ["weight"])
  }

  @Test func embeddingsOfAPaddingRow() {
    var generator = RandomGenerator(seed: 1)
    let layer = Embedding<Double>(rows: 5, columns: 3, paddingIndex: 2, standardDeviation: 0.1, using: &generator)
    #expect(layer.weight.value.slice(2..<3, axis: 0) == Tensor(zeros: [1, 3]))
    #expect(layer.weight.value.elements.count { $0 == 0 } == 3)
    let (_, gradients) = valueWithGradients(at: layer) { $0([2, 4, 2]).sum() }
    #expect(gradients[\.weight, in: layer]?.indices == [4])
  }

  @Test func paddedTextsAsSequences() {
    let layer = Embedding<Double>(weight: Self.table, paddingIndex: 1)
    let padded: [[Int32]] = [[2, 0, 1], [1, 1, 1], [], [0, 1, 2]]
    let sequences = layer.sequences(padded: padded)
    #expect(sequences.lengths == [2, 0, 0, 2])
    #expect(layer.sequences(padded: padded.map { $0.map { Int($0) } }).values.value == sequences.values.value)
    #expect(sequences.values.value == Tensor([[5, 6], [1, 2], [1, 2], [5, 6]]))
    let (_, gradients) = valueWithGradients(at: layer) { $0.sequences(padded: padded).values.sum() }
    #expect(gradients[\.weight, in: layer]?.indices.sorted() == [0, 2])
  }

  @Test func embeddingsAreNormallyDistributed() {
    var generator = RandomGenerator(seed: 2)
    let numbers = Embedding<Double>(rows: 1000, columns: 50, standardDeviation: 3, using: &generator).weight.value
    #expect(abs(numbers.squaredNorm / 50_000 - 9) < 4 * 9 * (2.0 / 50_000).squareRoot())
  }

  @Test func embeddingBag() {
    var layer = EmbeddingBag<Double>(weight: Self.table)
    let bags = RaggedIndices([[2, 0], [], [1]])
    #expect(layer.mode == .mean)
    #expect(layer(bags).value == Tensor([[3, 4], [0, 0], [3, 4]]))
    layer.mode = .max
    #expect(layer(bags).value == Tensor([[5, 6], [0, 0], [3, 4]]))
    layer.mode = .sum
    #expect(layer(bags, weights: Variable(Tensor([10, 1, 2]))).value == Tensor([[51, 62], [0, 0], [6, 8]]))
    layer.paddingIndex = 0
    #expect(layer(bags).value == Tensor([[5, 6], [0, 0], [3, 4]]))
    #expect(layer.parameterNames == ["weight"])
  }

  @Test func embeddingBagsStartAsFastTextDoes() {
    var generator = RandomGenerator(seed: 3)
    let numbers = EmbeddingBag<Double>(rows: 1000, columns: 50, using: &generator).weight.value
    #expect(numbers.elements.allSatisfy { -0.02 <= $0 && $0 < 0.02 })
    #expect(numbers.max().scalar > 0.0199)
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("Embedding.sequences(padded:): the layer has no paddingIndex, expected one") {
      _ = Embedding<Float>(weight: Tensor(zeros: [1, 2])).sequences(padded: [[0]])
    },
    ProgrammingError("Embedding: paddingIndex 5 is not in 0..<5") {
      var generator = RandomGenerator(seed: 0)
      _ = Embedding<Float>(rows: 5, columns: 3, paddingIndex: 5, using: &generator)
    },
  ]
}
