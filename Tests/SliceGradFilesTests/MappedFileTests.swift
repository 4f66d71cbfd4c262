import Foundation
import SliceGradFiles
import TestSupport
import Testing

@Suite struct MappedFileTests {
  private func mapped(_ path: String) throws -> Data { try Data(mapping: path, throwing: Failure.self) }

  @Test func holdsTheBytes() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "file")
      for count in [0, 1, 4096, 10_000] {
        let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0) })
        try bytes.write(to: url)
        let mapped = try mapped(url.path)
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
        let mapped = try mapped(url.path)
        #expect(mapped.count == 1 << 40 && mapped.starts(with: Data("begin".utf8)) && mapped.last == 0)
      }
    }
  }

  @Test func whatIsNoFile() throws {
    try withTemporaryDirectory { directory in
      func expect(_ found: String, at path: String) {
        #expect(throws: Failure(path: path, found: found, expected: "a file to read")) { try mapped(path) }
      }
      expect("no file", at: directory.path + "/missing")
      expect("a directory", at: directory.path)
      let file = directory.appending(path: "file").path
      try Data().write(to: URL(filePath: file))
      expect("Not a directory", at: file + "/more")
      let pipe = directory.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      expect("something that is not a file", at: pipe)
      let unmappable = "/sys/devices/system/cpu/online"  // Linux says so of some that it makes up.
      if FileManager.default.fileExists(atPath: unmappable) { expect("No such device", at: unmappable) }
    }
  }
}
