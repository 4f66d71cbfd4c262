import ExampleParts
import SliceGrad
import SliceGradText
import Testing

@testable import TextClassifier

struct ThresholdSearchTests {
  private func best(_ probabilities: [[Float]], _ labels: [[Int32]]) -> (threshold: Double, f1: Double) {
    var search = ThresholdSearch()
    for (row, labels) in zip(probabilities, labels) { search.add(Tensor([row]), labelSets: RaggedIndices([labels])) }
    return search.best
  }

  @Test("no threshold is better than the one that is found, with the scores of labels given by it")
  func isTheBest() {
    var generator = RandomGenerator(seed: 7)
    let known = LabelVocabulary(labels: ["a", "b", "c", "d"])!
    for _ in 0..<20 {
      let logits = Tensor<Float>(uniform: [9, 4], in: -5..<3, using: &generator)
      let labels = (0..<9).map { _ in (Int32(0)..<4).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 } }
      let texts = labels.map { labels in
        let names = labels.map { known[$0] } + ["unseen"]
        return LabeledText(label: names[0], otherLabels: Array(names.dropFirst()), text: "")
      }
      let f1s = (1...99).map { percent in
        let given = LabelChoice(.independent, threshold: Double(percent) / 100)(logits, .independent)
        return LabelScores(of: given.map { $0.map(\.label) }, for: texts, known: known).total.f1!
      }
      var search = ThresholdSearch()
      search.add(logits.sigmoid(), labelSets: RaggedIndices(labels.map { $0 + [-1] }))
      let (threshold, f1) = search.best
      #expect(f1 == f1s.max())
      let ties = (1...99).filter { f1s[$0 - 1] == f1 }
      #expect(abs(threshold - 0.5) <= ties.map { abs(Double($0) / 100 - 0.5) }.min()! + 1e-12)
      #expect(ties.contains { Double($0) / 100 == threshold })
    }
  }

  @Test func aProbabilityThatIsTheThresholdIsGiven() {
    for percent in 2...99 {
      let probability = Float(percent) / 100
      let (threshold, f1) = best([[probability, 0.001]], [[0]])
      let nearest = Double(probability) >= 0.5 ? 0.5 : Double(probability)
      #expect(f1 == 1 && threshold <= nearest && threshold > nearest - 0.0101, "\(percent)")
    }
  }

  @Test func nothingToChooseBy() {
    #expect(ThresholdSearch().best == (0.5, 0))
    #expect(best([[1, 0]], [[]]) == (0.5, 0))
  }

  /// A model that diverges has no probabilities to compare with.
  @Test func notANumber() {
    var search = ThresholdSearch()
    search.add(Tensor([[.nan, 0.9], [.nan, 0.2]]), labelSets: RaggedIndices([[1], [0]]))
    #expect(search.best.f1 == 2.0 / 3)  // one label given, one of two there is right
  }
}
