import Foundation
import SliceGradFiles
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private static func write(
    to path: String, _ body: (AtomicFile<Failure>) throws(Failure) -> Void
  ) throws(Failure) { try AtomicFile.write(to: path, body) }

  /// What is thrown where a file can't be written.
  private func unwritable(_ path: String, _ found: String) -> Failure {
    Failure(path: path, found: found, expected: "a file to write")
  }

  @Test func writesAndReplaces() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "a file")
      for text in ["a long first version", "short", ""] {
        try Self.write(to: url.path) { file throws(Failure) in
          for byte in text.utf8 { try file.append([byte]) }
        }
        #expect(try String(contentsOf: url, encoding: .utf8) == text)
        #expect(try directory.fileNames() == ["a file"])
      }
    }
  }

  @Test func theOldFileStandsUntilTheNewOneIsWhole() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      try Data("old".utf8).write(to: URL(filePath: path))
      try Self.write(to: path) { file throws(Failure) in
        try file.append(Array("new".utf8))
        #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
      }
      #expect(FileManager.default.contents(atPath: path) == Data("new".utf8))
    }
  }

  @Test func anErrorLeavesTheOldFile() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "file")
      try Data("old".utf8).write(to: url)
      let stop = Failure(path: "nowhere", found: "nothing", expected: "something")
      #expect(throws: stop) {
        try Self.write(to: url.path) { file throws(Failure) in
          try file.append(Array("new".utf8))
          throw stop
        }
      }
      #expect(try Data(contentsOf: url) == Data("old".utf8))
      #expect(try directory.fileNames() == ["file"])
    }
  }

  @Test func whereNothingCanBeCreated() throws {
    try withTemporaryDirectory { directory in
      let missing = directory.appending(path: "missing/file").path
      #expect(
        throws: unwritable(missing, "No such file or directory on trying to create a file in the directory of it")
      ) {
        try Self.write(to: missing) { _ in }
      }
    }
  }

  @Test func aDirectoryIsNotReplaced() throws {
    try withTemporaryDirectory { directory in
      let target = directory.appending(path: "target")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      #expect(throws: unwritable(target.path, "Is a directory on trying to replace it")) {
        try Self.write(to: target.path) { _ in }
      }
      #expect(try directory.fileNames() == ["target"])
    }
  }

  /// A limit of the file's length fails in the middle of a write, as a full disk does.
  @Test func aFullDiskLeavesTheOldFile() async throws {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { directory in
        let url = directory.appending(path: "file")
        try Data("old".utf8).write(to: url)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
        #if os(Linux)
          setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #else
          setrlimit(RLIMIT_FSIZE, &limit)
        #endif
        #expect(
          throws: Failure(path: url.path, found: "File too large on trying to write it", expected: "a file to write")
        ) {
          try Self.write(to: url.path) { file throws(Failure) in
            try file.append([UInt8](repeating: 1, count: 1_000_000))
          }
        }
        #expect(try Data(contentsOf: url) == Data("old".utf8))
        #expect(try directory.fileNames() == ["file"])
      }
    }
  }

  /// A process replaces a file over and over until it is killed, at any moment.
  @Test(arguments: [5, 20, 50, 100]) func aKillLeavesAWholeFile(milliseconds: Int) async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      try Data(repeating: 0, count: 300_000).write(to: URL(filePath: path))

      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, milliseconds] in
        Thread.detachNewThread {
          usleep(UInt32(1000 * milliseconds))
          kill(getpid(), SIGKILL)
        }
        while true {
          for version: UInt8 in 0...255 {
            try Self.write(to: path) { file throws(Failure) in
              for _ in 0..<3 {
                try file.append([UInt8](repeating: version, count: 100_000))
                usleep(2000)  // so that the kill comes while the file is not whole, more often than not
              }
            }
          }
        }
      }
      let contents = try Data(contentsOf: URL(filePath: path))
      #expect(contents.count == 300_000 && contents.allSatisfy { $0 == contents[0] })
      #expect(try directory.fileNames().filter { !$0.hasPrefix(".partial-") } == ["file"])
    }
  }
}
