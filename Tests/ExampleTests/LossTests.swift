import SliceGrad
import SliceGradText
import Testing

@testable import TextClassifier

/// Weighted losses against PyTorch 2.13's, in double precision: `functional.cross_entropy` with `weight=`, or with
/// `reduction="none"`, times the weights, divided by their sum; `binary_cross_entropy_with_logits` with `pos_weight=`.
struct LossTests {
  private let logits = Tensor<Float>([[0.5, -1, 2], [1, 0, -0.5], [0.25, 3, 1], [-2, 0.75, 0]])
  private let labels: [Int32] = [2, 0, 0, 1]
  private let classWeights = [0.5, 2, 4]
  private let textWeights: [Double] = [1, 0, 3, 2]
  private let texts = RaggedIndices([[0], [0], [0], [0]] as [[Int32]])

  private func softmax(_ weights: [Double]) -> Float {
    let batch = TextBatch(texts: texts, labels: labels, weights: weights.withMeanOne)
    return Loss.softmax(Variable(logits), batch, ownWeights: nil).scalar
  }

  @Test func softmaxIsTheWeightedMean() {
    let ofClasses = labels.map { classWeights[Int($0)] }
    #expect(abs(softmax(ofClasses) - 0.503147118) < 1e-6)
    #expect(abs(softmax(textWeights) - 1.649196641) < 1e-6)
    #expect(abs(softmax(zip(ofClasses, textWeights).map(*)) - 0.745294667) < 1e-6)
    #expect(softmax([3, 3, 3, 3]) == softmaxCrossEntropy(Variable(logits), labels).scalar)
  }

  /// The mean of the batches' losses is the weighted mean of all texts: a batch isn't divided by its own weights.
  @Test func weightsMeanTheSameInBatchesOfAnySize() {
    let weights = textWeights.withMeanOne
    let single = (0..<4).map { i in
      let batch = TextBatch(texts: RaggedIndices([[0]] as [[Int32]]), labels: [labels[i]], weights: [weights[i]])
      return Loss.softmax(Variable(logits.slice(i..<i + 1, axis: 0)), batch, ownWeights: nil).scalar
    }
    #expect(single[1] == 0 && abs(single.reduce(0, +) / 4 - softmax(textWeights)) < 1e-6)
  }

  @Test func independentLossIsThatOfAllLabels() {
    let sets = RaggedIndices([[2], [0, 1], [0], [1, 2]] as [[Int32]])
    let ownWeights = Tensor(classWeights.map { Float($0) })
    func loss(_ weights: [Float]?) -> Float {
      let batch = TextBatch(texts: texts, labelSets: sets, weights: weights)
      return Loss.independent(Variable(logits), batch, ownWeights: ownWeights).scalar
    }
    #expect(abs(loss(nil) - 3.033782600) < 1e-6)
    #expect(abs(loss(textWeights.withMeanOne) - 3.848504076) < 1e-6)
  }

  @Test func itFollowsFromTheTexts() {
    let one = LabeledText(label: "a", text: "x")
    #expect(Loss(for: [one, one]) == .softmax)
    #expect(Loss(for: [one, LabeledText(label: "a", otherLabels: ["b"], text: "x"), one]) == .independent)
  }

  /// `cross_entropy(z / 3, softmax(t / 3)) · 9`, and the same of sigmoids, summed over the labels.
  @Test func distillationIsThatOfPyTorch() {
    let teacher = Tensor<Float>([[1, 0, -1], [2, 2, 0], [-1, 0.5, 3], [0, 0, 0]])
    func value(_ loss: Loss) -> Float { loss.distillation(Variable(logits), of: teacher, temperature: 3).scalar }
    #expect(abs(value(.softmax) - 10.473124520) < 1e-5)
    #expect(abs(value(.independent) - 19.080124400) < 1e-5)
  }
}
