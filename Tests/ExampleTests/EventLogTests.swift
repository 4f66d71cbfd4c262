import ExampleParts
import Foundation
import SliceGradText
import TestSupport
import Testing

/// Files of events.
struct EventLogTests {
  @Test("a line each, there at once; an older file is replaced, or gone on with after a torn line")
  func writes() throws {
    try withTemporaryFile("{\"event\":\"to", name: "log") { file in
      let added = try EventLog(file, appends: true)
      try added.write("resume", ["epoch": 2])
      #expect(
        try String(contentsOfFile: file, encoding: .utf8) == "{\"event\":\"to\n{\"epoch\":2,\"event\":\"resume\"}\n")
      try added.write("end", ["path": "a/\"b\"\n"])
      #expect(
        try String(contentsOfFile: file, encoding: .utf8).hasSuffix("{\"event\":\"end\",\"path\":\"a/\\\"b\\\"\\n\"}\n")
      )
      let new = try EventLog(file, appends: false)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "")
      try new.write("start", [String: Int]())
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "{\"event\":\"start\"}\n")
    }
  }

  @Test("a file that can't be written is named")
  func refuses() throws {
    try withTemporaryDirectory { directory in
      let error = #expect(throws: DataError.self) { _ = try EventLog(directory.path, appends: false) }
      #expect("\(error!)" == "\(directory.path): found no way to open it (Is a directory), expected a file to write")
    }
    #if os(Linux)
      let log = try EventLog("/dev/full", appends: false)
      let error = #expect(throws: DataError.self) { try log.write("start", ["a": 1]) }
      #expect("\(error!)".contains("No space left on device"))
    #endif
  }
}
