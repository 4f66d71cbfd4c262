import SliceGrad
import Testing

/// What a step returns beside the gradients, and models whose table is read and multiplied by.
@Suite struct ModelGradientsTests {
  @Test func aStepMayReturnMoreThanTheLoss() {
    let model = BagModel<Double>()
    let bags = RaggedIndices([[1, 2], [0]])
    let (loss, logits, gradients) = valueWithGradients(at: model) { model in
      let logits = model(bags)
      return (softmaxCrossEntropy(logits, [0, 3]), logits.value)
    }
    let (plainLoss, plainGradients) = valueWithGradients(at: model) { softmaxCrossEntropy($0(bags), [0, 3]) }
    #expect(loss == plainLoss)
    #expect(gradients == plainGradients)
    #expect(logits == model(bags).value)
  }

  /// A model whose scores are products with all rows of the table that it reads.
  private struct Tied<Words: Module<Double>>: Module {
    typealias Scalar = Double
    var words: Words

    mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) { visit(&words, "words") }
  }

  /// As slices with every row in them, the gradient is that of a dense parameter.
  @Test func tiedWeights() {
    var generator = RandomGenerator(seed: 1)
    let numbers = Tensor<Double>(normal: [7, 3], using: &generator)
    let rows: [Int32] = [2, 5, 2]
    let table = Tied(words: EmbeddingTable(numbers))
    let (loss, slices) = valueWithGradients(at: table) { model in
      softmaxCrossEntropy(model.words.gather(rows).matmul(model.words.variable, transposeRight: true), [1, 2, 6])
    }
    let parameter = Tied(words: Parameter(numbers))
    let (expectedLoss, dense) = valueWithGradients(at: parameter) { model in
      let words = model.words.variable
      return softmaxCrossEntropy(words.gather(rows).matmul(words, transposeRight: true), [1, 2, 6])
    }
    #expect(loss == expectedLoss)
    let gradient = slices[\.words, in: table]!
    #expect(gradient.indices.sorted() == Array(0..<7))
    #expect(gradient.densified().distance(to: dense[\.words, in: parameter]!) < 1e-15)
    let check = checkGradients(at: table) { model in
      model.words.gather(rows).tanh().matmul(model.words.variable, transposeRight: true)
    }
    #expect(check.passed, "\(check)")
  }

  /// A bag of embeddings in front of other layers.
  @Test func embeddingsInFront() {
    var generator = RandomGenerator(seed: 2)
    let network = Sequential(
      EmbeddingBag<Double>(rows: 9, columns: 4, using: &generator), Dense(inputs: 4, outputs: 3, using: &generator),
      Activation { $0.tanh() }, Dense(inputs: 3, outputs: 2, using: &generator))
    #expect(network.parameterNames == ["0.weight", "1.weight", "1.bias", "3.weight", "3.bias"])
    let bags = RaggedIndices([[3, 1, 3], [], [0]])
    #expect(network(bags).shape == [3, 2])
    let check = checkGradients(at: network) { $0(bags) }
    #expect(check.passed, "\(check)")
    let gradients = valueWithGradients(at: network) { $0(bags).sum() }.gradients
    #expect(gradients[\.first.weight, in: network]?.indices == [3, 1, 0])
  }
}
