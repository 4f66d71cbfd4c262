import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import Testing

@testable import TextClassifier

/// A classifier that goes on training on texts beside a teacher.
struct RetrainingTests {
  /// Texts of two words, each with the label of the other one.
  private let texts = (0..<640).map { LabeledText(label: ["a", "b"][$0 % 2], text: ["bb", "aa"][$0 % 2]) }

  /// A classifier of words, whose logits are 4 for a word's own label and −4 for the other one.
  private func classifier(of words: [String], _ loss: Loss) throws -> Classifier {
    let vocabulary = try #require(WordVocabulary(words: words))
    let rows = words.map { $0 == "aa" ? [4, -4] : $0 == "bb" ? [-4, 4] : [0, 0] as [Float] }
    return Classifier(
      model: TextModel(
        embedding: EmbeddingBag(weight: EmbeddingTable(Tensor(rows))),
        output: Dense(weight: Tensor([[1, 0], [0, 1]]), bias: Tensor([0, 0]))),
      features: NGramFeatures(NGramConfiguration(buckets: 0), vocabulary: vocabulary),
      labels: LabelVocabulary(of: texts), isOfNames: false, loss: loss)
  }

  /// The texts' labels say one thing, the teacher another: the gradient 0.3 σ(x) + 0.7 · 3 (σ(x / 3) − σ(teacher / 3))
  /// is 0 in the end, where x is the logit of one of two labels, or how far one is above the other.
  @Test(arguments: [(Loss.softmax, 8.0), (.independent, 4.0)])
  func labelsAndTeacherCount(loss: Loss, teacher: Double) throws {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func gradient(_ x: Double) -> Double { 0.3 * sigmoid(x) + 2.1 * (sigmoid(x / 3) - sigmoid(teacher / 3)) }
    let expected = stride(from: 0, to: teacher, by: 0.001).first { gradient($0) >= 0 }!

    let large = try classifier(of: ["cc", "bb", "aa"], loss)
    let retrained = try classifier(of: ["aa", "bb"], loss)
      .retrained(on: texts, by: large, epochs: 150, Progress(isQuiet: true))
    let logits = retrained.model(retrained.features.encode(["aa", "bb"])).value
    for word in 0..<2 {
      let (own, other) = (Double(logits[word, word]), Double(logits[word, 1 - word]))
      #expect(abs((loss == .softmax ? own - other : own) - expected) < 0.1, "\(logits)")
    }
  }
}
