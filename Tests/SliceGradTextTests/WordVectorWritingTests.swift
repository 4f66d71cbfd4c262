import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct WordVectorWritingTests {
  /// The error of writing to a file that is there, which stays as it was.
  private func problem(words: [String], _ numbers: Tensor<Float>) throws -> String {
    try withTemporaryFile("old") { path in
      let vocabulary = try #require(WordVocabulary(words: words))
      let error = try #require(throws: DataError.self) {
        try WordVectorFile(path).write(EmbeddingTable(numbers), for: vocabulary)
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      return error.description.replacingOccurrences(of: path, with: "FILE")
    }
  }

  @Test func theFormatIsFastTexts() throws {
    try withTemporaryFile("old") { path in
      let table = EmbeddingTable<Float>(Tensor([[0.25, -1.5, 3e-5], [1, 0.1, -0.0], [7, 8, 9]]))
      try WordVectorFile(path).write(table, for: try #require(WordVocabulary(words: ["the", "été"])))
      let expected = "2 3\nthe 0.25 -1.5 3e-05\nété 1.0 0.1 -0.0\n"
      #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
    }
  }

  /// Vectors that come in parts, of which the last has one row too many, give the same file; what ends them is thrown.
  @Test func vectorsInParts() throws {
    try withTemporaryFile("old") { path in
      let table = Tensor<Float>([[0.25, -1.5], [1, 0.1], [7, 8], [9, 10]])
      let vocabulary = try #require(WordVocabulary(words: ["the", "of", "in"]))
      struct Stopped: Error {}
      #expect(throws: Stopped.self) {
        try WordVectorFile(path).write(columns: 2, for: vocabulary) { (body: (Tensor<Float>) throws -> Void) in
          try body(table.slice(0..<1, axis: 0))
          throw Stopped()
        }
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      try WordVectorFile(path).write(columns: 2, for: vocabulary) { (body: (Tensor<Float>) throws -> Void) in
        for part in [0..<2, 2..<2, 2..<4] { try body(table.slice(part, axis: 0)) }
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "3 2\nthe 0.25 -1.5\nof 1.0 0.1\nin 7.0 8.0\n")
    }
  }

  @Test func noWords() throws {
    try withTemporaryFile("old") { path in
      let vocabulary = try #require(WordVocabulary(words: []))
      try WordVectorFile(path).write(EmbeddingTable(Tensor<Float>(ones: [4, 3])), for: vocabulary)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "0 3\n")
    }
  }

  @Test(arguments: [
    ("New York", #"“New York”"#), ("a\tb", #"“a\tb”"#), ("a\nb", #"“a\nb”"#), ("a\r", #"“a\r”"#), (" ", "“ ”"),
    ("\u{B}", #"“\u{0B}”"#), ("a\u{C}", #"“a\u{0C}”"#), (" \u{301}", #"“ \u{0301}”"#),
  ])
  func wordsWithWhiteSpace(word: String, quoted: String) throws {
    #expect(
      try problem(words: ["a", word], Tensor(ones: [2, 3]))
        == "FILE:3: found white space in the word \(quoted), expected words without")
  }

  @Test func aWordThatBeginsWithAByteOrderMark() throws {
    #expect(
      try problem(words: ["\u{FEFF}a"], Tensor(ones: [1, 3]))
        == #"FILE:2: found a byte order mark before the word “\u{FEFF}a”, expected words without"#)
  }

  @Test func anEmptyWord() throws {
    #expect(
      try problem(words: [""], Tensor(ones: [1, 1]))
        == "FILE:2: found an empty word, expected words of one character or more")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func numbersThatAreNotFinite(number: Float) throws {
    #expect(
      try problem(words: ["a", "b"], Tensor([[1, 2], [3, number]]))
        == "FILE:3: found \(number) in the vector of “b”, expected finite numbers")
  }

  @Test func aTableThatIsTooSmallTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let table = EmbeddingTable(Tensor<Float>(ones: [1, 2]))
      try WordVectorFile("").write(table, for: WordVocabulary(words: ["a", "b"])!)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("WordVectorFile: a table of 1 rows for 2 words"))
  }

  @Test(arguments: 0..<20)
  func whatIsWrittenIsReadToTheSameBits(seed: UInt64) throws {
    var random = RandomText(seed: 24 + seed)
    var generator = RandomGenerator(seed: seed)
    let words = Set((0..<200).map { _ in random.text(maximumLength: 12, without: " \t\n\u{B}\u{C}\r") })
    let vocabulary = try #require(WordVocabulary(words: words.filter { !$0.isEmpty }.sorted()))
    let shape: Shape = [vocabulary.count, random.integer(1...30)]
    let floats = (0..<shape[0] * shape[1]).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
    let doubles = floats.map { _ in Double(bitPattern: generator.next()) }
    try expectRoundTrip(Tensor(shape: shape, elements: floats.map { $0.isFinite ? $0 : -0.0 }), vocabulary)
    try expectRoundTrip(Tensor(shape: shape, elements: doubles.map { $0.isFinite ? $0 : -0.0 }), vocabulary)
  }

  private func expectRoundTrip<Scalar>(_ numbers: Tensor<Scalar>, _ vocabulary: WordVocabulary) throws {
    try withTemporaryFile("") { path in
      let file = WordVectorFile(path)
      try file.write(EmbeddingTable(numbers), for: vocabulary)
      let read = try file.contents(as: Scalar.self)
      #expect(read.vocabulary == vocabulary)
      #expect(read.table.value == numbers)
      #expect(read.table.value.elements.map(\.sign) == numbers.elements.map(\.sign))  // that of zeros, too

      var filled = EmbeddingTable(Tensor<Scalar>(ones: numbers.shape))
      #expect(try file.fill(&filled, for: vocabulary).missingRows == [])
      #expect(filled == read.table)
    }
  }
}
