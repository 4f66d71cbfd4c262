import Foundation
import Testing

@testable import SliceGradText

@Suite struct FileReplacementTests {
  private func files(beside path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent)
  }

  @Test func aFileIsMadeOrReplaced() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/notes.txt"
      for text in ["first", "", "sécond\n"] {
        try FileReplacement.write(to: path, contents: "notes") { file throws(DataError) in try file.append(text) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        #expect(try files(beside: path) == ["notes.txt"])
      }
    }
  }

  @Test func theOldFileIsThereUntilTheEnd() throws {
    try withTemporaryFile("old") { path in
      try FileReplacement.write(to: path, contents: "notes") { file throws(DataError) in
        for _ in 0..<100_000 { try file.append("new and long\n") }
        #expect((try? String(contentsOfFile: path, encoding: .utf8)) == "old")
      }
      #expect(
        try Data(contentsOf: URL(filePath: path)) == Data(String(repeating: "new and long\n", count: 100_000).utf8))
    }
  }

  @Test func anErrorLeavesAllAsItWas() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/notes.txt"
      try Data("old".utf8).write(to: URL(filePath: path))
      let stop = DataError(at: TextLocation(path: path, line: 1), found: "b", expected: "a")
      #expect(throws: stop) {
        try FileReplacement.write(to: path, contents: "notes") { file throws(DataError) in
          try file.append(String(repeating: "x", count: 1 << 20))
          throw stop
        }
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(try files(beside: path) == ["notes.txt"])
    }
  }

  @Test func placesThatCannotBeWrittenTo() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: false)
      for path in [folder + "/inner", folder + "/missing/notes.txt"] {
        let error = #expect(throws: DataError.self) {
          try FileReplacement.write(to: path, contents: "notes") { file throws(DataError) in try file.append("x") }
        }
        #expect(
          error?.description == "\(path): found a place that cannot be written to, expected one for a file of notes")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["inner"])
    }
  }
}
