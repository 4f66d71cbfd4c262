import ExampleParts
import SliceGrad

@testable import TextClassifier

/// Lines as the arguments of a command line.
@Sendable func fuzzOptions(_ bytes: [UInt8]) {
  let arguments = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
  let parsed = accepted { () throws(UsageError) in try Options(parsing: arguments) }
  guard let options = parsed else { return }
  require(1...10_000 ~= options.dimensions && 1...10 ~= options.wordNGrams, "dimensions or word n-grams")
  require(1...1_000_000_000 ~= options.buckets && 1...100_000 ~= options.epochs, "buckets or epochs")
  require(options.tableLearningRate > 0 && options.tableLearningRate.isFinite, "a learning rate")
  require(options.characterNGrams.map { 1 <= $0.lowerBound && $0.upperBound <= 10 } ?? true, "character n-grams")
}
