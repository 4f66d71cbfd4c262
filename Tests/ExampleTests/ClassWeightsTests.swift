import SliceGrad
import SliceGradText
import TestSupport
import Testing

@testable import TextClassifier

struct ClassWeightsTests {
  private let labels = LabelVocabulary(labels: ["a", "b=c", "d"])!

  private func texts(_ sets: [[Int32]]) -> TextDataSet {
    TextDataSet(texts: RaggedIndices(sets.map { _ in [0] as [Int32] }), labelSets: RaggedIndices(sets))
  }

  /// As scikit-learn's `compute_class_weight("balanced", …)` for one label each; with several, n is that of labels.
  @Test func balanced() throws {
    let weights = try ClassWeights("balanced").weights(of: labels, in: texts([[0], [0], [0], [1], [1], [2]]))
    #expect(weights == [2.0 / 3, 1, 2])
    #expect(
      try ClassWeights("balanced").weights(of: labels, in: texts([[0, 1], [0, 2], [0], [1]])) == [2.0 / 3, 1, 2])
  }

  @Test func listsAndFiles() throws {
    let texts = texts([[0], [1], [2]])
    #expect(try ClassWeights("d=0.5,b=c=1e3").weights(of: labels, in: texts) == [1, 1000, 0.5])
    try withTemporaryFile("b=c\t1e3\n\nd\t0.5\n") { file in
      let weights = try ClassWeights(file).weights(of: labels, in: texts)
      #expect(weights == [1, 1000, 0.5])
    }
  }

  @Test func labelsAreToldApartByTheirSpelling() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    let labels = try #require(LabelVocabulary(labels: [composed, decomposed]))
    let texts = texts([[0], [1]])
    #expect(try ClassWeights("\(composed)=2,\(decomposed)=3").weights(of: labels, in: texts) == [2, 3])
    try withTemporaryFile("\(decomposed)\t4\n") { file in
      let weights = try ClassWeights(file).weights(of: labels, in: texts)
      #expect(weights == [1, 4])
    }
  }

  private static let weight = "a weight in 0.000001...1000000"

  @Test(arguments: [
    ("a=1,", "--class-weights: found “”, expected label=weight, \(weight)"),
    ("a=1,d=x", "--class-weights: found “d=x”, expected label=weight, \(weight)"),
    ("a=0", "--class-weights: found “a=0”, expected label=weight, \(weight)"),
    ("a=-1", "--class-weights: found “a=-1”, expected label=weight, \(weight)"),
    ("a=nan", "--class-weights: found “a=nan”, expected label=weight, \(weight)"),
    ("a=1,a=1", "--class-weights: found “a” twice, expected a label once"),
    ("a=1,x=1", "--class-weights: found “x”, expected labels of the training texts"),
    ("no/such/file", "no/such/file: found no file, expected a readable file of weights of labels"),
  ])
  func refusals(value: String, message: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try ClassWeights(value).weights(of: labels, in: texts([[0], [1], [2]]))
    }
    #expect(error.map { "\($0)" } == message)
  }

  @Test(arguments: [
    ("a\t1\nd\t0\n", "FILE:2: found “0”, expected label TAB weight, \(weight)"),
    ("a 1\n", "FILE:1: found 0 tabs in “a 1”, expected label TAB weight, \(weight)"),
    ("a\t1\na\t1\n", "FILE:2: found “a” once more, expected a label once"),
    ("x\t1\n", "FILE: found “x”, expected labels of the training texts"),
  ])
  func refusedFiles(text: String, message: String) throws {
    try withTemporaryFile(text) { file in
      let error = #expect(throws: (any Error).self) {
        _ = try ClassWeights(file).weights(of: labels, in: texts([[0], [1], [2]]))
      }
      #expect(error.map { "\($0)" } == message.replacing("FILE", with: file))
    }
  }
}
