import Foundation
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct FileLinesTests {
  private func lines(_ bytes: some Sequence<UInt8>) throws -> [String] {
    try withTemporaryFile(bytes) { path in
      var lines: [String] = []
      try FileLines(path: path, contents: "lines").visit { line, number throws(DataError) in
        lines.append(String(decoding: line, as: UTF8.self))
        #expect(number == lines.count)
      }
      return lines
    }
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na\n\n", ["", "", "a", ""]),
    ("a\r\nb\r\n", ["a", "b"]), ("a\r\nb\r", ["a", "b"]), ("a\rb\n", ["a", "b"]), ("\r\n\r\r\n", ["", "", ""]),
    ("a\rb\r", ["a", "b"]), ("\r\ra", ["", "", "a"]), ("a\n\rb\r\n\nc", ["a", "", "b", "", "c"]),
    ("a\u{2028}b\u{85}c\u{B}d\u{C}e", ["a\u{2028}b\u{85}c\u{B}d\u{C}e"]),
    ("\u{FEFF}a\nb", ["a", "b"]), ("\u{FEFF}", []), ("a\n\u{FEFF}", ["a"]), ("\u{FEFF}\r\u{FEFF}\n", ["", ""]),
    ("\u{FEFF}\u{FEFF}a", ["a"]), ("a\n\u{FEFF}b", ["a", "b"]), ("a\r\u{FEFF}b\u{FEFF}", ["a", "b\u{FEFF}"]),
  ])
  func linesEndInLineFeedOrCarriageReturnOrBoth(text: String, expected: [String]) throws {
    #expect(try lines(text.utf8).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test func chunksLeaveNoTrace() throws {
    var random = RandomText(seed: 1)
    let expected = (0..<3000).map { number in
      String(repeating: random.text(without: "\n\r"), count: random.integer(0...20)) + "#\(number)"
    }
    let text = expected.joined(separator: "\n")
    #expect(text.utf8.count > 4 << 18)  // several chunks
    #expect(try lines(text.utf8) == expected)
    #expect(try lines(expected.joined(separator: "\r\n").utf8) == expected)
    #expect(try lines(expected.joined(separator: "\r").utf8) == expected)
  }

  /// A chunk ends within what ends a line, or within a byte order mark.
  @Test(arguments: -4...4) func chunksThatEndAnywhere(shift: Int) throws {
    let first = String(repeating: "x", count: (1 << 18) + shift)
    for end in ["\r\n", "\r", "\n"] {
      #expect(try lines((first + end + "\u{FEFF}b" + end).utf8) == [first, "b"])
      #expect(try lines((first + end + end + "b").utf8) == [first, "", "b"])
    }
  }

  @Test(arguments: ["", "\n", "\r\n", "\r"])
  func theLongestLineIsAMebibyte(end: String) throws {
    let longest = String(repeating: "x", count: 1 << 20)
    #expect(try lines(("a\n" + longest + end).utf8) == ["a", longest])
    let error = try #require(throws: DataError.self) { try lines(("a\n" + longest + "x" + end).utf8) }
    #expect(error.location.line == 2)
    #expect(error.found == "a line of more than 1048576 bytes")
    #expect(error.expected == "shorter lines")
  }

  /// A reader that wanted the whole line would not return.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/zero"), "needs /dev/zero"), .timeLimit(.minutes(1)))
  func anEndlessLineFailsAtOnce() {
    let error = #expect(throws: DataError.self) {
      try FileLines(path: "/dev/zero", contents: "lines").visit { _, _ throws(DataError) in
        Issue.record("no line is short enough")
      }
    }
    #expect(
      error?.description == "/dev/zero:1: found a line of more than 1048576 bytes, expected shorter lines")
  }

  @Test func anErrorOfTheVisitorEndsTheVisit() throws {
    try withTemporaryFile("a\nb\nc\n") { path in
      var visited = 0
      let stop = DataError(at: TextLocation(path: path, line: 2), found: "b", expected: "a")
      #expect(throws: stop) {
        try FileLines(path: path, contents: "lines").visit { _, number throws(DataError) in
          visited += 1
          if number == 2 { throw stop }
        }
      }
      #expect(visited == 2)
    }
  }

  /// The memory of this process, of which byte 0 can't be read.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/mem"), "needs /proc"))
  func aFileThatCannotBeRead() {
    let error = #expect(throws: DataError.self) {
      try FileLines(path: "/proc/self/mem", contents: "lines").visit { _, _ throws(DataError) in }
    }
    #expect(
      error?.description == "/proc/self/mem: found a file that cannot be read, expected a readable file of lines")
  }

  @Test func aMissingFileIsToldByWhatItShouldHold() {
    let error = #expect(throws: DataError.self) {
      try FileLines(path: "", contents: "lines").visit { _, _ throws(DataError) in }
    }
    #expect(error?.description == ": found no file, expected a readable file of lines")
  }
}
