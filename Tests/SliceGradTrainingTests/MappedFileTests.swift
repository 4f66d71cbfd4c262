import Foundation
import Testing

@testable import SliceGradTraining

@Suite struct MappedFileTests {
  @Test func holdsTheBytes() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "file")
      for count in [0, 1, 4096, 10_000] {
        let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0) })
        try bytes.write(to: url)
        let mapped = try Data(mapping: url.path)
        #expect(mapped == bytes)
        try FileManager.default.removeItem(at: url)
        #expect(mapped == bytes)
      }
    }
  }

  /// A terabyte, most of which no disk holds; and it is given back, as no program can have 200 at once.
  @Test func isNotReadAsAWhole() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "file")
      #expect(FileManager.default.createFile(atPath: url.path, contents: Data("begin".utf8)))
      guard truncate(url.path, 1 << 40) == 0 else { return }  // a file system without sparse files
      for _ in 0..<200 {
        let mapped = try Data(mapping: url.path)
        #expect(mapped.count == 1 << 40 && mapped.starts(with: Data("begin".utf8)) && mapped.last == 0)
      }
    }
  }

  @Test func whatIsNoFile() throws {
    try withTemporaryDirectory { directory in
      expectError("found no file, expected a file to read") { try Data(mapping: directory.path + "/missing") }
      expectError("found a directory, expected a file to read") { try Data(mapping: directory.path) }
      expectError("found Not a directory, expected a file to read") {
        let file = directory.appending(path: "file").path
        try Data().write(to: URL(filePath: file))
        return try Data(mapping: file + "/more")
      }
      let pipe = directory.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      expectError("found something that is not a file, expected a file to read") { try Data(mapping: pipe) }
    }
  }
}
