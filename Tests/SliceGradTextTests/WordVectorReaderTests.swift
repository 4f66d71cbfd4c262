import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct WordVectorReaderTests {
  private let numbers = Tensor<Float>([[1, 2], [3, 4]])

  /// The error of filling a table of two columns for the words “a” and “b”, which stays as it was.
  private func problemOfFilling(_ bytes: some Sequence<UInt8>) throws -> String {
    try withTemporaryFile(bytes) { path in
      var table = EmbeddingTable(numbers)
      let vocabulary = try #require(WordVocabulary(words: ["a", "b"]))
      let error = try #require(throws: DataError.self) { try WordVectorFile(path).fill(&table, for: vocabulary) }
      #expect(table.value == numbers)
      return error.description.replacingOccurrences(of: path, with: "FILE")
    }
  }

  /// The error of reading the whole file.
  private func problemOfContents(_ bytes: some Sequence<UInt8>) throws -> String {
    try withTemporaryFile(bytes) { path in
      let error = try #require(throws: DataError.self) { _ = try WordVectorFile(path).contents() }
      return error.description.replacingOccurrences(of: path, with: "FILE")
    }
  }

  @Test(arguments: [
    ("2 2\na 5 6\nb 7\n", "FILE:3: found 1 numbers after “b”, expected 2, as line 1 says"),
    ("2 2\na 5 6\nb 7 8 9 \n", "FILE:3: found 3 numbers after “b”, expected 2, as line 1 says"),
    ("2 2\na 5 6\nx 1 y 7 8\n", "FILE:3: found 4 numbers after “x”, expected 2, as line 1 says"),
    ("2 2\na 5 6\nb\n", "FILE:3: found 0 numbers after “b”, expected 2, as line 1 says"),
    ("2 2\na 5 6\n b 7 8\n", "FILE:3: found a space at the beginning, expected a word and its numbers"),
    ("2 2\na 5 6\nb 7 x8\n", "FILE:3: found “x8” as number 2 of “b”, expected a finite number"),
    ("2 2\na 5 6\nb nan 7\n", "FILE:3: found “nan” as number 1 of “b”, expected a finite number"),
    ("2 2\na 5 6\nb 7 -inf\n", "FILE:3: found “-inf” as number 2 of “b”, expected a finite number"),
    ("2 2\na 5 6\nb 1e39 7\n", "FILE:3: found “1e39” as number 1 of “b”, expected a finite number"),
    ("2 2\na 5 6\nb 7\u{A0} 8\n", #"FILE:3: found “7\u{00A0}” as number 1 of “b”, expected a finite number"#),
    ("3 2\na 5 6\nb 7 8\n\n", "FILE: found 2 words, expected 3, as line 1 says"),
    ("1 2\na 5 6\n\nb 7 8\n", "FILE:4: found a word more, expected 1 words, as line 1 says"),
    ("0 2\na 5 6\n", "FILE:2: found a word more, expected 0 words, as line 1 says"),
    ("", "FILE: found no words, expected lines of a word and its numbers"),
    (" \n\n", "FILE: found no words, expected lines of a word and its numbers"),
  ])
  func linesThatAreNotAsExpected(text: String, expected: String) throws {
    #expect(try problemOfFilling(text.utf8) == expected)
    #expect(try problemOfFilling(text.replacingOccurrences(of: "\n", with: "\r\n").utf8) == expected)
    #expect(try problemOfContents(text.utf8) == expected)
  }

  /// Words may hold spaces: what isn't a number is no number. With a first line of counts as well, as in files that
  /// were converted from GloVe's.
  @Test(arguments: ["", "3 2\n"]) func wordsOfSeveralFields(header: String) throws {
    try withTemporaryFile(header + "a 5 6\n. . . 7 8\nat  x@y.z 1 2 \n") { path in
      let (vocabulary, table) = try WordVectorFile(path).contents()
      #expect(vocabulary.words == ["a", ". . .", "at  x@y.z"])
      #expect(table.value == Tensor([[5, 6], [7, 8], [1, 2]]))
      var filled = EmbeddingTable(numbers)
      let words = try #require(WordVocabulary(words: [". . .", "b"]))
      #expect(try WordVectorFile(path).fill(&filled, for: words).foundRows == [0])
      #expect(filled.value == Tensor([[7, 8], [3, 4]]))
    }
    #expect(
      try problemOfFilling("a 5 6\nx 1 7 8\n".utf8)
        == "FILE:2: found 3 numbers after “x”, expected 2, as the table has columns")
    #expect(
      try problemOfContents("a 5 6\nx y\n".utf8) == "FILE:2: found 1 numbers after “x”, expected 2, as line 1 has")
  }

  @Test(arguments: [
    ("2 3\na 5 6 7\nb 7 8 9\n", "FILE:1: found vectors of 3 numbers, expected 2, as the table has columns"),
    ("a 5 6 7\nb 7 8 9\n", "FILE:1: found 3 numbers after “a”, expected 2, as the table has columns"),
    ("a 5 6\nb 7 8 9\n", "FILE:2: found 3 numbers after “b”, expected 2, as the table has columns"),
    ("hello\nworld\n", "FILE:1: found 0 numbers after “hello”, expected 2, as the table has columns"),
  ])
  func aFileOfAnotherDimensionThanTheTable(text: String, expected: String) throws {
    #expect(try problemOfFilling(text.utf8) == expected)
  }

  @Test(arguments: [
    ("a 5 6 7\nb 7 8\n", "FILE:2: found 2 numbers after “b”, expected 3, as line 1 has"),
    ("\na 5 6 7\nb 7 8\n", "FILE:3: found 2 numbers after “b”, expected 3, as line 2 has"),
    ("hello\nworld\n", "FILE:1: found no numbers after “hello”, expected a word and its numbers"),
    ("0 2147483648", "FILE:1: found vectors of 2147483648 numbers, expected at most 2147483647"),
    ("1 9223372036854775807\n", "FILE:1: found vectors of 9223372036854775807 numbers, expected at most 2147483647"),
    ("1 99999999999999999999\na 1 2\n", "FILE:2: found 2 numbers after “a”, expected 1, as line 1 has"),
    ("99999999999 4\na 1 2 3\n", "FILE:2: found 3 numbers after “a”, expected 4, as line 1 says"),
  ])
  func aFileThatContradictsItself(text: String, expected: String) throws {
    #expect(try problemOfContents(text.utf8) == expected)
  }

  @Test(arguments: [[0xFF], [0xC3], [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]])
  func wordsThatAreNotUTF8(bytes: [UInt8]) throws {
    let expected = "FILE:2: found bytes that are not UTF-8, expected UTF-8 text"
    for word in [bytes, [0x78] + bytes, bytes + [0x78]] {
      let text = Array("a 1 2\n".utf8) + word + Array(" 3 4\n".utf8)
      #expect(try problemOfFilling(text) == expected)
      #expect(try problemOfContents(text) == expected)
    }
  }

  @Test func aNumberThatIsNotUTF8IsNone() throws {
    let text = Array("a 1 ".utf8) + [0xFF] + Array("\n".utf8)
    #expect(try problemOfFilling(text) == "FILE:1: found “\u{FFFD}” as number 2 of “a”, expected a finite number")
  }

  @Test func aNumberMayBeTooLargeForAFloatOnly() throws {
    try withTemporaryFile("a 1e39\n") { path in
      let table = try WordVectorFile(path).contents(as: Double.self).table
      #expect(table.value[0, 0] == 1e39)
      #expect(throws: DataError.self) { _ = try WordVectorFile(path).contents(as: Float.self) }
    }
  }

  @Test func aMissingFile() throws {
    let error = #expect(throws: DataError.self) { _ = try WordVectorFile("missing.vec").contents() }
    #expect(error?.description == "missing.vec: found no file, expected a readable file of word vectors")
  }
}
