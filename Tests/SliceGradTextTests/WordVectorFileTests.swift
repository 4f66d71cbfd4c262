import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct WordVectorFileTests {
  private static let word2vec = "3 2\nthe 0.5 -1.25\nof 0.000001 3\n\u{E9}t\u{E9} 1e-05 .5\n"
  private static let fastText = "3 2\nthe 0.5 -1.25 \nof 0.000001 3 \n\u{E9}t\u{E9} 1e-05 .5 \n"
  private static let gloVe = "the 0.5 -1.25\nof 0.000001 3\n\u{E9}t\u{E9} 1e-05 .5\n"

  private let expected = Tensor<Float>([[0.5, -1.25], [0.000001, 3], [1e-05, 0.5]])

  private func contents<Scalar>(_ text: String, as: Scalar.Type) throws -> ([String], Tensor<Scalar>) {
    try withTemporaryFile(text) { path in
      let (vocabulary, table) = try WordVectorFile(path).contents(as: Scalar.self)
      return (vocabulary.words, table.value)
    }
  }

  /// A table of ones, filled from a file with this text.
  private func filled(
    _ text: String, words: [String], shape: Shape
  ) throws -> (table: Tensor<Float>, coverage: WordVectorCoverage) {
    try withTemporaryFile(text) { path in
      var table = EmbeddingTable(Tensor<Float>(ones: shape))
      let coverage = try WordVectorFile(path).fill(&table, for: try #require(WordVocabulary(words: words)))
      return (table.value, coverage)
    }
  }

  @Test(arguments: [word2vec, fastText, gloVe], ["\n", "\r\n", "\r"])
  func theThreeFormats(text: String, lineEnd: String) throws {
    let text = text.split(separator: "\n").map { $0 + lineEnd }.joined()
    for text in [text, "\u{FEFF}" + text, text + lineEnd + " " + lineEnd] {
      let (words, vectors) = try contents(text, as: Float.self)
      #expect(words == ["the", "of", "été"])
      #expect(vectors == expected)
      #expect(try contents(text, as: Double.self).1[1, 0] == 0.000001)
    }
    #expect(try contents(String(text.dropLast()), as: Float.self).1 == expected)  // no end of the last line
  }

  @Test(arguments: [word2vec, fastText, gloVe])
  func aTableGetsTheVectorsOfItsWords(text: String) throws {
    let (table, coverage) = try filled(text, words: ["été", "unknown", "the"], shape: [3, 2])
    #expect(table == Tensor([[1e-05, 0.5], [1, 1], [0.5, -1.25]]))
    #expect(coverage.foundRows == [0, 2])
    #expect(coverage.missingRows == [1])
  }

  @Test func rowsBehindTheWordsStayAsTheyAre() throws {
    let (table, coverage) = try filled(Self.gloVe, words: ["of"], shape: [4, 2])
    #expect(table == Tensor([[0.000001, 3], [1, 1], [1, 1], [1, 1]]))
    #expect(coverage.description == "1 of 1 words")
  }

  @Test func otherCopiesOfTheTableStayAsTheyAre() throws {
    try withTemporaryFile(Self.gloVe) { path in
      var table = EmbeddingTable(Tensor<Double>(ones: [1, 2]))
      let before = table
      _ = try WordVectorFile(path).fill(&table, for: try #require(WordVocabulary(words: ["the"])))
      #expect(before.value == Tensor(ones: [1, 2]))
      #expect(table.value == Tensor([[0.5, -1.25]]))
    }
  }

  @Test func wordsThatAreNotInTheFileLeaveTheTable() throws {
    let (table, coverage) = try filled(Self.word2vec, words: ["The", "OF", "e\u{301}t\u{E9}"], shape: [3, 2])
    #expect(table == Tensor(ones: [3, 2]))
    #expect(coverage.foundRows == [])
    #expect(try filled(Self.word2vec, words: [], shape: [0, 2]).coverage.fraction == 1)
  }

  @Test func aTableOfOneNumber() throws {
    #expect(try filled("1 1\na 7\n", words: ["a"], shape: [1, 1]).table == Tensor([[7]]))
    #expect(try filled("a 7\n", words: ["a"], shape: [1, 1]).table == Tensor([[7]]))
  }

  @Test func onlySpacesSeparate() throws {
    let words = ["a\u{A0}b", "c\td", "\u{3000}", "\u{2028}e\u{85}", "1", "x\u{FEFF}", "😀\0"]
    let (read, vectors) = try contents(words.map { "\($0)  1   2 \n" }.joined(), as: Float.self)
    #expect(read.map { Array($0.utf8) } == words.map { Array($0.utf8) })
    #expect(vectors.shape == [7, 2])
  }

  @Test func aFileOfNoWords() throws {
    for dimension in [0, 5, Int(Int32.max)] {
      let (words, vectors) = try contents("0 \(dimension)\n", as: Float.self)
      #expect(words == [])
      #expect(vectors.shape == [0, dimension])
    }
  }

  /// The first vector of a word counts, and the numbers of the others aren't read.
  @Test(arguments: ["", "6 2\n"]) func wordsThatAreRepeated(header: String) throws {
    let text = header + "a 1 2\nb 3 4\nc 5 6\na 7 8\nc x y\na 9 0\n"
    let (table, coverage) = try filled(text, words: ["c", "a", "d", "b"], shape: [4, 2])
    #expect(table == Tensor([[5, 6], [1, 2], [1, 1], [3, 4]]))
    #expect(coverage.foundRows == [0, 1, 3] && coverage.repeatedCount == 2)
    #expect(coverage.description == "3 of 4 words (2 of them repeated)")
    let (words, vectors) = try contents(text, as: Double.self)
    #expect(words == ["a", "b", "c"] && vectors == Tensor([[1, 2], [3, 4], [5, 6]]))
  }

  @Test func unknownWordsAreNotLookedAtInDepth() throws {
    let text = "3 2\na 1 2\nunknown x y\nunknown 1 2\n"
    #expect(try filled(text, words: ["a"], shape: [1, 2]).table == Tensor([[1, 2]]))
  }

  @Test func aTableThatIsTooSmallTraps() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var table = EmbeddingTable(Tensor<Float>(ones: [1, 2]))
      _ = try WordVectorFile("").fill(&table, for: WordVocabulary(words: ["a", "b"])!)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("WordVectorFile: a table of 1 rows for 2 words"))
  }
}
