import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining

@testable import TextClassifier

/// The file of the example's classifier, edited by the fuzzer. One that is accepted classifies.
@Sendable func fuzzClassifier(_ bytes: [UInt8]) {
  guard let (classifier, path) = classifier(bytes, editing: sample) else { return }
  save(classifier, to: path)
  let saved = contents(path)
  let readAgain = accepted { () throws(CheckpointError) in try Classifier(contentsOf: path) }
  guard let other = readAgain else { trap("a classifier that was saved can't be read") }
  save(other, to: path)
  require(contents(path) == saved, "a classifier that was saved and read is another one")
}

/// The file of the same with few bits and some rows, edited by the fuzzer. One that is accepted classifies.
@Sendable func fuzzSmallClassifier(_ bytes: [UInt8]) {
  guard let (classifier, path) = classifier(bytes, editing: smallSample), !classifier.features.vocabulary.words.isEmpty
  else { return }
  save(QuantizedClassifier(classifier, bits: 8), to: path)
  let saved = contents(path)
  let readAgain = accepted { () throws(CheckpointError) in try Classifier(contentsOf: path) }
  guard let other = readAgain else { trap("a classifier that was saved can't be read") }
  require(labels(classifier).count == labels(other).count, "a classifier that was saved has other labels")
  save(QuantizedClassifier(classifier, bits: 8), to: path)
  require(contents(path) == saved, "a classifier gives two files")
}

private let texts = ["to be", "", "¿Qué tal?"]

/// What is read of an edited file as a whole; nil if it is refused. What is read in parts labels as the whole does.
private func classifier(_ bytes: [UInt8], editing sample: [UInt8]) -> (Classifier, path: String)? {
  var fuzzer = FuzzerBytes(bytes)
  let path = file("classifier", EditedFile.bytes(of: sample, editedBy: &fuzzer))
  let mapped = accepted { () throws(CheckpointError) in
    try MappedClassifier(contentsOf: path)?.labels(2, of: texts).map { $0.map(\.label) }
  }
  let read = accepted { () throws(CheckpointError) in try Classifier(contentsOf: path) }
  guard let classifier = read else { return nil }
  let best = labels(classifier)
  require(best.count == 3 && best.allSatisfy { !$0.isEmpty }, "no labels")
  if let mapped, let mapped { require(mapped == best, "parts of a file give other labels than the whole") }
  return (classifier, path)
}

private func labels(_ classifier: Classifier) -> [[String]] {
  classifier.mostProbable(2, of: texts).map { $0.map(\.label) }
}

private func save(_ classifier: QuantizedClassifier, to path: String) {
  do { try classifier.save(to: path) } catch { trap("\(error)") }
}

private func save(_ classifier: Classifier, to path: String) {
  do { try classifier.save(to: path, Ranks(.world(), shards: nil)) } catch { trap("\(error)") }
}

private let sample: [UInt8] = {
  let path = path("sample")
  save(sampleClassifier, to: path)
  return contents(path)
}()

private let smallSample: [UInt8] = {
  let path = path("small")
  do {
    let texts = sampleClassifier.features.encode(["to be not"])
    let pruned = try Pruning(sampleClassifier, texts: texts).pruned(toFit: nil, bits: 4)!
    save(QuantizedClassifier(pruned, bits: 4), to: path)
  } catch { trap("\(error)") }
  return contents(path)
}()

private let sampleClassifier: Classifier = {
  let features = NGramFeatures(of: ["to be or not"], NGramConfiguration(characterNGrams: 1...2, buckets: 9))
    .keepingBuckets(of: ["to be"])
  var generator = RandomGenerator(seed: 1)
  let model = TextModel(features: features.rowCount, dimensions: 2, classes: 2, using: &generator)
  let labels = LabelVocabulary(labels: ["a", "b"])!
  return Classifier(model: model, features: features, labels: labels, isOfNames: false)
}()
