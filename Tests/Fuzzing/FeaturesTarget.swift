import SliceGrad

@testable import SliceGradText

/// The rows of any text are those that plain code finds.
@Sendable func fuzzFeatures(_ bytes: [UInt8]) {
  var fuzzer = FuzzerBytes(bytes)
  let (first, second) = (fuzzer.byte(), fuzzer.byte())
  let shortest = 1 + (first >> 2) % 3
  let configuration = NGramConfiguration(
    wordNGrams: 1 + first % 4, characterNGrams: second & 1 == 0 ? shortest...shortest + (first >> 4) % 3 : nil,
    buckets: 1 + second % 50, foldsCase: second & 2 == 0, spansWords: second & 4 == 0)
  // The plain code is slow.
  let text = String(decoding: fuzzer.bytes(100), as: UTF8.self)
  let known = String(text.unicodeScalars.prefix(50))

  let tokens = Tokenizer.tokens(of: text, foldsCase: configuration.foldsCase)
  let expectedTokens = ReferenceFeatures.tokens(of: text, foldsCase: configuration.foldsCase)
  require(tokens.count == expectedTokens.count && zip(tokens, expectedTokens).allSatisfy(areSame), "\(tokens)")
  let features = NGramFeatures(of: [known], configuration)
  let expected = ReferenceFeatures.rows(of: text, words: features.vocabulary.words, configuration)
  require(features.rows(of: text).sorted() == expected, "other rows of \(text)")
  let batch = features.encode(["", text, known])
  require(batch.rowSplits[1] == 0 && Int(batch.rowSplits[2]) == expected.count, "\(batch.rowSplits)")
  require(batch.values.allSatisfy { 0 <= $0 && $0 < features.rowCount }, "\(batch.values)")
}
