import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

/// What files hold that a careful author wouldn't write, on its way from the file to the rows.
@Suite struct FilesAsTheyComeTests {
  private func examples(_ text: String) throws -> [LabeledText] {
    try withTemporaryFile(text) { path in try LabeledTextFile(path).examples() }
  }

  private func words(_ text: String) throws -> [String] {
    WordVocabulary(of: try examples(text).map(\.text)).words
  }

  /// Byte order marks before lines are skipped; within a text they are part of a word.
  @Test func byteOrderMarksInTheMiddle() throws {
    let examples = try examples("\u{FEFF}a\tx\n\u{FEFF}b\ty\r\u{FEFF}\r\nc\tz\u{FEFF}z\n")
    #expect(examples.map(\.label) == ["a", "b", "c"])
    #expect(examples.map(\.location?.line) == [1, 2, 4])
    #expect(WordVocabulary(of: examples.map(\.text)).words == ["x", "y", "z\u{FEFF}z"])
  }

  /// Carriage returns end lines; the next line and no-break space stand between words.
  @Test func endsOfLinesAndSpacesOfOtherSystems() throws {
    #expect(try words("a\tx y\ra\tx\u{85}y\u{A0}z\r\na\tx\n") == ["x", "y", "z"])
    #expect(try examples("a\tx\u{85}y\u{A0}z\r\n").map(\.text) == ["x\u{85}y\u{A0}z"])
  }

  @Test func wordsThatRepeatHaveTheirRowsEachTime() throws {
    let examples = try examples("a\tbe be BE\nb\tbe\n")
    let features = NGramFeatures(of: examples.map(\.text), NGramConfiguration(characterNGrams: 2...2, buckets: 10))
    let data = try TextDataSet(examples, features: features, labels: LabelVocabulary(of: examples))
    let rows = features.rows(of: "be")
    #expect(rows.count == 4 && rows[0] == 0)
    #expect(data.texts == RaggedIndices([[0, 0, 0] + rows[1...] + rows[1...] + rows[1...], rows]).counted)
  }

  /// “é” of one scalar and of two: equal as Strings, and different words with different rows.
  @Test func canonicallyEquivalentSpellingsAreKeptApart() throws {
    let examples = try examples("a\t\u{E9} e\u{301} \u{E9}\nb\te\u{301}\n")
    let features = NGramFeatures(of: examples.map(\.text), NGramConfiguration())
    let data = try TextDataSet(examples, features: features, labels: LabelVocabulary(of: examples))
    #expect(features.vocabulary.count == 2)
    #expect(data.texts == RaggedIndices([[0, 1, 0], [1]]).counted)
  }

  /// The capital sharp s becomes the small one and never “ss”; “İ” becomes two scalars, and a final Σ is any other one.
  @Test func foldingOfCapitals() throws {
    #expect(try words("a\tSTRAẞE straße STRASSE\n") == ["straße", "strasse"])
    #expect(try words("a\tİ i\u{307}\n") == ["i\u{307}"])
    #expect(try words("a\tΣ σ ς\n") == ["σ", "ς"])
  }

  @Test func aLineOfMegabytesIsRefusedWithItsNumber() throws {
    let long = String(repeating: "many words ", count: 300_000)
    let error = try #require(throws: DataError.self) { try examples("a\tx\r\nb\t" + long + "\r\nc\ty\n") }
    #expect(error.location.line == 2)
    #expect(error.found == "a line of more than 1048576 bytes")
  }
}
