import SliceGrad
import Testing

/// Values and gradients are compared with PyTorch's in `CandidateFixtureTests`.
@Suite struct CandidateLossesTests {
  private let positives = Variable(Tensor<Double>([1, -2]))
  private let negatives = Variable(Tensor<Double>([[0.5, 3], [-1, 0]]))

  /// A column of scores is taken as the list is.
  @Test func columns() {
    let column = positives.reshaped(to: [2, 1])
    #expect(negativeSampling(column, negatives).value == negativeSampling(positives, negatives).value)
    #expect(marginRanking(column, negatives).value == marginRanking(positives, negatives).value)
    #expect(
      bayesianPersonalizedRanking(column, negatives, reduction: .none).value
        == bayesianPersonalizedRanking(positives, negatives, reduction: .none).value)
  }

  /// Without negatives, only the true pairs count.
  @Test func noNegatives() {
    let none = Variable(Tensor<Double>(zeros: [2, 0]))
    let sampler = RowSampler(rowCount: 3)
    #expect(abs(negativeSampling(positives, none, reduction: .sum).scalar - 2.4401896985611957) < 1e-14)
    #expect(
      sampledSoftmaxCrossEntropy(
        positives, none, classes: [0, 1], drawn: [] as [Int], by: sampler, reduction: .none
      ).value == Tensor([0, 0]))
  }

  /// If every class is drawn once, sampled softmax is softmax, and draws of the true class change nothing.
  @Test func sampledSoftmaxOfAllClasses() {
    let logits = Tensor<Double>([[0.5, 3, -1], [2, 0, 1]])
    let (classes, sampler) = ([2, 0], RowSampler(rowCount: 3))
    let (value, gradients) = valueWithGradients(at: [logits]) { x in
      let positives = Variable.concatenate(
        [x[0].slice(0..<1, axis: 0).slice(2..<3, axis: 1), x[0].slice(1..<2, axis: 0).slice(0..<1, axis: 1)], axis: 0)
      return sampledSoftmaxCrossEntropy(positives, x[0], classes: classes, drawn: [0, 1, 2], by: sampler)
    }
    let (expected, expectedGradients) = valueWithGradients(at: [logits]) { x in softmaxCrossEntropy(x[0], classes) }
    #expect(abs(value - expected) < 1e-15)
    #expect(gradients[0].distance(to: expectedGradients[0]) < 1e-15)
  }

  /// With many draws the gradient is that of softmax over all classes, however unequal the probabilities are, and
  /// whether or not the true class is drawn.
  @Test(arguments: [[20, 1, 5, 2], [0, 1, 5, 2]] as [[Double]])
  func sampledSoftmaxIsCorrected(frequencies: [Double]) {
    let logits = Tensor<Double>([[0.5, 1.5, -1, 0.2]])
    let sampler = RowSampler(frequencies: frequencies)
    var generator = RandomGenerator(seed: 3)
    let drawn = sampler.draw(40_000, using: &generator)
    let (value, gradients) = valueWithGradients(at: [logits]) { x in
      let negatives = x[0].transposed().gather(drawn).transposed()
      return sampledSoftmaxCrossEntropy(x[0].slice(0..<1, axis: 1), negatives, classes: [0], drawn: drawn, by: sampler)
    }
    let (expected, expectedGradients) = valueWithGradients(at: [logits]) { softmaxCrossEntropy($0[0], [0]) }
    #expect(abs(value - expected) < 0.04)
    #expect(gradients[0].distance(to: expectedGradients[0]) < 0.04)
  }

  /// Pairs of one group are no negatives of each other.
  @Test func groups() {
    let queries = Variable(Tensor<Double>([[1, 0], [1, 0], [0, 1]]))
    let losses = batchSoftmaxCrossEntropy(queries, queries, groups: [7, 7, 8], reduction: .none).value
    let pair = batchSoftmaxCrossEntropy(
      Variable(Tensor<Double>([[1, 0], [0, 1]])), Variable(Tensor([[1, 0], [0, 1]])), reduction: .none
    ).value
    #expect(losses[0] == pair[0] && losses[1] == pair[0])
  }

  /// See `TrapTests`.
  static let errors = [
    ProgrammingError("tripletMargin: margin -1.0, expected 0 or more") {
      let x = Tensor<Float>([[1]])
      _ = tripletMargin(Variable(x), x, x, margin: -1)
    },
    ProgrammingError(
      "tripletMargin: anchors [1, 2], positives [1, 2] and negatives [2], expected one shape […, d]"
    ) {
      let x = Tensor<Float>([[1, 2]])
      _ = tripletMargin(Variable(x), x, x.reshaped(to: [2]))
    },
    ProgrammingError("negativeSampling: positives [2] and negatives [3, 1], expected [b] or [b, 1] and [b, k]") {
      _ = negativeSampling(Variable(Tensor<Float>([1, 2])), Variable(Tensor([[1], [2], [3]])))
    },
    ProgrammingError("marginRanking: margin -1.0, expected 0 or more") {
      _ = marginRanking(Variable(Tensor<Float>([1])), Variable(Tensor([[1]])), margin: -1)
    },
    ProgrammingError(
      "sampledSoftmaxCrossEntropy: 3 drawn classes for negatives of shape [2, 2], expected 2 or 4"
    ) {
      let (positives, negatives) = (Variable(Tensor<Float>([1, 2])), Variable(Tensor<Float>(ones: [2, 2])))
      _ = sampledSoftmaxCrossEntropy(
        positives, negatives, classes: [0, 0], drawn: [1, 2, 3], by: RowSampler(rowCount: 4))
    },
    ProgrammingError("sampledSoftmaxCrossEntropy: 1 classes for 2 examples") {
      let (positives, negatives) = (Variable(Tensor<Float>([1, 2])), Variable(Tensor<Float>(ones: [2, 2])))
      _ = sampledSoftmaxCrossEntropy(positives, negatives, classes: [0], drawn: [1, 2], by: RowSampler(rowCount: 4))
    },
    ProgrammingError("sampledSoftmaxCrossEntropy: the sampler never draws class 1") {
      _ = sampledSoftmaxCrossEntropy(
        Variable(Tensor<Float>([1])), Variable(Tensor([[1]])), classes: [0], drawn: [1],
        by: RowSampler(frequencies: [1, 0]))
    },
    ProgrammingError("batchSoftmaxCrossEntropy: queries [2] and keys [2], expected [b, d] twice") {
      let x = Variable(Tensor<Float>([1, 2]))
      _ = batchSoftmaxCrossEntropy(x, x)
    },
    ProgrammingError("batchSoftmaxCrossEntropy: 1 groups for 2 pairs") {
      let x = Variable(Tensor<Float>([[1], [2]]))
      _ = batchSoftmaxCrossEntropy(x, x, groups: [1])
    },
    ProgrammingError("batchSoftmaxCrossEntropy: log probabilities of shape [1], expected [2]") {
      let x = Variable(Tensor<Float>([[1], [2]]))
      _ = batchSoftmaxCrossEntropy(x, x, logProbabilities: Tensor([0]))
    },
  ]
}
