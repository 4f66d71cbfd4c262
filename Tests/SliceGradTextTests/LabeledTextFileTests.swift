import Foundation
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct LabeledTextFileTests {
  private func examples(_ bytes: some Sequence<UInt8>) throws -> [LabeledText] {
    try withTemporaryFile(bytes) { path in
      try LabeledTextFile(path).examples().map { example in
        let location = try #require(example.location)
        #expect(location.path == path)
        return self.example(example.label, example.text, line: location.line)
      }
    }
  }

  private func example(_ label: String, _ text: String, line: Int?) -> LabeledText {
    LabeledText(label: label, text: text, location: TextLocation(path: "", line: line))
  }

  /// The error's description, with `FILE` for the path.
  private func problem(_ bytes: some Sequence<UInt8>) throws -> String {
    try withTemporaryFile(bytes) { path in
      let error = try #require(throws: DataError.self) { try LabeledTextFile(path).examples() }
      return error.description.replacingOccurrences(of: path, with: "FILE")
    }
  }

  @Test func labelTabText() throws {
    let expected = [example("es", "¿Qué tal?", line: 1), example("en", "How\tare  you? ", line: 3)]
    #expect(try examples("es\t¿Qué tal?\n\nen\tHow\tare  you? ".utf8) == expected)
    #expect(try examples("es\t¿Qué tal?\r\n  \r\nen\tHow\tare  you? \r\n".utf8) == expected)
    #expect(try examples("\u{FEFF}  es \t¿Qué tal?\n\n en \tHow\tare  you? \n\n".utf8) == expected)
  }

  /// Also of files that were put together, each with its own ends of lines and byte order mark.
  @Test func endsOfLines() throws {
    #expect(try examples("a\tone\rb\ttwo\r".utf8) == [example("a", "one", line: 1), example("b", "two", line: 2)])
    #expect(
      try examples("a\tone\r\u{FEFF}b\ttwo\n\u{FEFF}b\tthree\r\n\u{FEFF}a\tfour".utf8) == [
        example("a", "one", line: 1), example("b", "two", line: 2), example("b", "three", line: 3),
        example("a", "four", line: 4),
      ])
  }

  @Test func fastTextLabels() throws {
    let expected = [example("es", "¿Qué tal?", line: 2), example("a-b_c", "x__label__y\tz", line: 3)]
    #expect(try examples("\n__label__es ¿Qué tal?\n__label__a-b_c\t x__label__y\tz\n".utf8) == expected)
  }

  /// Each word that begins with the prefix is a label and no part of the text; of one that is there twice, the first.
  @Test(arguments: [
    ("__label__a __label__b hi you", ["a", "b"], "hi you"),
    ("__label__b\t __label__a  hi  you ", ["b", "a"], "hi  you "),
    ("__label__a hi __label__b you\t__label__c", ["a", "b", "c"], "hi you\t"),
    ("__label__a  hi\t__label__b  you", ["a", "b"], "hi\tyou"),
    ("__label__a __label__a hi __label__b __label__a you", ["a", "b"], "hi you"),
    ("__label__a __label__b__label__c x__label__d", ["a", "b__label__c"], "x__label__d"),
  ])
  func severalLabels(line: String, labels: [String], text: String) throws {
    let examples = try withTemporaryFile(line.utf8) { try LabeledTextFile($0).examples() }
    #expect(examples.count == 1)
    #expect(examples[0].label == labels[0] && examples[0].labels == labels && examples[0].text == text)
  }

  @Test func tabSeparatedLinesHaveOneLabel() throws {
    #expect(try examples("a,b\t__label__c hi".utf8) == [example("a,b", "__label__c hi", line: 1)])
  }

  @Test func controlCharactersAreText() throws {
    #expect(try examples("a\t\0b\u{1}\n".utf8) == [example("a", "\0b\u{1}", line: 1)])
  }

  @Test(arguments: [
    ("hello world\n", #"FILE:1: found no tab in “hello world”, expected label TAB text"#),
    ("en\thi\r\n\r\nthere\r\n", #"FILE:3: found no tab in “there”, expected label TAB text"#),
    ("en\thi\n\thi\n", "FILE:2: found an empty label, expected label TAB text"),
    ("  \thi", "FILE:1: found an empty label, expected label TAB text"),
    ("\t", "FILE:1: found an empty label, expected label TAB text"),
    ("en\t", "FILE:1: found no text after the label “en”, expected label TAB text"),
    ("en\t \t ", "FILE:1: found no text after the label “en”, expected label TAB text"),
    ("__label__ hi", "FILE:1: found an empty label, expected __label__x text"),
    ("__label__", "FILE:1: found an empty label, expected __label__x text"),
    ("__label__en \n", "FILE:1: found no text after the label “en”, expected __label__x text"),
    ("__label__a __label__ hi", "FILE:1: found an empty label, expected __label__x text"),
    ("__label__a hi\t__label__", "FILE:1: found an empty label, expected __label__x text"),
    ("__label__a __label__b ", "FILE:1: found no text after the label “b”, expected __label__x text"),
    ("__label__a hi\nen\thi", #"FILE:2: found “en\thi”, expected __label__x text, as in the lines before"#),
    ("en\thi\n__label__a\thi", #"FILE:2: found “__label__a\thi”, expected label TAB text, as in the lines before"#),
    ("", "FILE: found no examples, expected lines of label TAB text or __label__x text"),
    (" \n\r\n\n", "FILE: found no examples, expected lines of label TAB text or __label__x text"),
    ("\u{FEFF}", "FILE: found no examples, expected lines of label TAB text or __label__x text"),
  ])
  func linesThatAreNotAsExpected(text: String, expected: String) throws {
    #expect(try problem(text.utf8) == expected)
  }

  @Test func controlCharactersAreQuotedEscaped() throws {
    #expect(try problem("\0\u{7}\n".utf8) == #"FILE:1: found no tab in “\0\u{07}”, expected label TAB text"#)
  }

  @Test func longContentIsQuotedShortened() throws {
    let found = "“" + String(repeating: "x", count: 60) + "…”"
    #expect(
      try problem(String(repeating: "x", count: 5000).utf8)
        == "FILE:1: found no tab in \(found), expected label TAB text")
    #expect(
      try problem(("__label__a " + String(repeating: "x", count: 1 << 20)).utf8)
        == "FILE:1: found a line of more than 1048576 bytes, expected shorter lines")
  }

  /// Stray, cut short, overlong, a surrogate, beyond U+10FFFF.
  private static let notUTF8: [[UInt8]] = [
    [0xFF], [0x80], [0xC3], [0xE2, 0x82], [0xEF, 0xBF], [0xF0, 0x9F, 0x98], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    [0xF4, 0x90, 0x80, 0x80],
  ]

  @Test(arguments: notUTF8)
  func bytesThatAreNotUTF8(bytes: [UInt8]) throws {
    let expected = "FILE:2: found bytes that are not UTF-8, expected UTF-8 text"
    #expect(try problem(Array("en\thi\nen\t".utf8) + bytes + Array("x\n".utf8)) == expected)
    #expect(try problem(Array("en\thi\nen\tx".utf8) + bytes) == expected)
    #expect(try problem(Array("en\thi\n".utf8) + bytes + Array("\tx".utf8)) == expected)
    #expect(try problem(Array("en\thi\n".utf8) + bytes) == expected)
  }

  @Test func theReplacementCharacterIsUTF8() throws {
    #expect(try examples("a\t\u{FFFD}".utf8) == [example("a", "\u{FFFD}", line: 1)])
  }

  @Test func filesThatCannotBeRead() throws {
    let folder = FileManager.default.temporaryDirectory.path
    let missing = folder + "/" + UUID().uuidString
    for (path, found) in [(missing, "no file"), ("", "no file"), (folder, "a directory")] {
      let error = #expect(throws: DataError.self) { try LabeledTextFile(path).examples() }
      #expect(error?.description == "\(path): found \(found), expected a readable file of labelled text")
    }
  }

  @Test(.enabled(if: NSUserName() != "root", "root may read every file"))
  func aFileWithoutPermission() throws {
    try withTemporaryFile("en\thi") { path in
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      let error = #expect(throws: DataError.self) { try LabeledTextFile(path).examples() }
      #expect(
        error?.description == "\(path): found a file that cannot be opened, expected a readable file of labelled text")
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"], ["", "\u{FEFF}"])
  func whatIsWrittenIsRead(lineEnd: String, start: String) throws {
    var random = RandomText(seed: 2)
    let expected = (1...500).map { line in
      example("label\(random.text(without: "\t\n\r "))x", "_" + random.text(without: "\n\r"), line: line)
    }
    let tabSeparated = start + expected.map { $0.label + "\t" + $0.text }.joined(separator: lineEnd)
    #expect(try examples(tabSeparated.utf8) == expected)
    let fastText = start + expected.map { "__label__" + $0.label + " " + $0.text }.joined(separator: lineEnd)
    #expect(try examples(fastText.utf8) == expected)
  }

  @Test func aLabelOfATextCountsOnceInEachSpelling() throws {
    let labels = ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}", "cafe\u{301}"].map { "__label__" + $0 }
    try withTemporaryFile(labels.joined(separator: " ") + " x\n") { file in
      let example = try LabeledTextFile(file).examples()[0]
      #expect(example.labels.map { Array($0.utf8) } == ["caf\u{E9}", "cafe\u{301}"].map { Array($0.utf8) })
    }
  }
}
