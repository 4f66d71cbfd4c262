import Foundation
import SliceGrad
import Testing

@testable import TextClassifier

struct LabelChoiceTests {
  /// Logits of the probabilities 0.9, 0.5, 0.2, 0.5, each by itself, and of less.
  private let logits = Tensor<Float>([[log(9), 0, -log(4), 0], [-1, -2, -3, -4]])

  private func labels(_ loss: Loss, top: Int? = nil, threshold: Double? = nil) -> [[Int32]] {
    LabelChoice(loss, top: top, threshold: threshold)(logits, loss).map { $0.map(\.label) }
  }

  @Test func independentLabels() {
    #expect(labels(.independent) == [[0, 1, 3], []])
    #expect(labels(.independent, top: 1) == [[0], [0]])
    #expect(labels(.independent, top: 9) == [[0, 1, 3, 2], [0, 1, 2, 3]])
    #expect(labels(.independent, threshold: 0.19) == [[0, 1, 3, 2], [0]])
    #expect(labels(.independent, threshold: 0) == [[0, 1, 3, 2], [0, 1, 2, 3]])
    #expect(labels(.independent, top: 2, threshold: 0.5) == [[0, 1], []])
  }

  @Test func onlyTheMostProbableOfSoftmax() {
    #expect(labels(.softmax) == [[0], [0]])
    #expect(labels(.softmax, top: 2) == [[0, 1], [0, 1]])
    #expect(labels(.softmax, threshold: 0.7) == [[0], []])
    #expect(labels(.softmax, top: 2, threshold: 0.2) == [[0], [0, 1]])
  }

  @Test func probabilities() {
    let independent = LabelChoice(.independent, threshold: 0)(logits, .independent)[0].map(\.probability)
    #expect(zip(independent, [0.9, 0.5, 0.5, 0.2]).allSatisfy { abs($0 - $1) < 1e-6 })
    let softmax = LabelChoice(.softmax, top: 4)(logits, .softmax)[0].map(\.probability)
    #expect(zip(softmax, [9, 1, 1, 0.25]).allSatisfy { abs($0 - $1 / 11.25) < 1e-6 })
  }
}
