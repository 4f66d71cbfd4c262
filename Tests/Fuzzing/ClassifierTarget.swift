import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining

@testable import TextClassifier

/// The file of the example's classifier, edited by the fuzzer. One that is accepted classifies.
@Sendable func fuzzClassifier(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let path = file("classifier", EditedFile.bytes(of: sample, editedBy: &fuzzer))
  let read = accepted { () throws(CheckpointError) in try Classifier(contentsOf: path) }
  guard let classifier = read else { return }
  let best = classifier.mostProbable(2, of: ["to be", "", "¿Qué tal?"])
  require(best.count == 3 && best.allSatisfy { !$0.isEmpty }, "no labels")
  save(classifier, to: path)
  let saved = contents(path)
  let readAgain = accepted { () throws(CheckpointError) in try Classifier(contentsOf: path) }
  guard let other = readAgain else { trap("a classifier that was saved can't be read") }
  save(other, to: path)
  require(contents(path) == saved, "a classifier that was saved and read is another one")
}

private func save(_ classifier: Classifier, to path: String) {
  do { try classifier.save(to: path) } catch { trap("\(error)") }
}

private let sample: [UInt8] = {
  let features = NGramFeatures(of: ["to be or not"], NGramConfiguration(characterNGrams: 1...2, buckets: 3))
  var generator = RandomGenerator(seed: 1)
  let model = TextModel(features: features.rowCount, dimensions: 2, classes: 2, using: &generator)
  let path = path("sample")
  let labels = LabelVocabulary(labels: ["a", "b"])!
  save(Classifier(model: model, features: features, labels: labels, isOfNames: false), to: path)
  return contents(path)
}()
