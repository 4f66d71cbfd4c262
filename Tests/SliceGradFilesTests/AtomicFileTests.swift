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
      #expect(throws: unwritable(missing, "no directory \(directory.path)/missing")) {
        try Self.write(to: missing) { _ in }
      }
    }
  }

  @Test func aDirectoryIsNotReplaced() throws {
    try withTemporaryDirectory { directory in
      let target = directory.appending(path: "target")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      #expect(throws: unwritable(target.path, "a directory")) {
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
        #if os(Linux)
          let fileLength = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
          let fileLength = RLIMIT_FSIZE
        #endif
        var usual = rlimit()
        getrlimit(fileLength, &usual)
        var limit = rlimit(rlim_cur: 100_000, rlim_max: usual.rlim_max)
        setrlimit(fileLength, &limit)
        defer { setrlimit(fileLength, &usual) }  // The process writes what tests have covered when it ends.
        #expect(
          throws: Failure(path: url.path, found: "no way to write it (File too large)", expected: "a file to write")
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
      #expect(try Set(directory.fileNames()).isSubset(of: ["file", ".file.partial"]))

      try Self.write(to: path) { file throws(Failure) in try file.append(Array("new".utf8)) }
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("new".utf8))
      #expect(try directory.fileNames() == ["file"])
    }
  }

  /// Two processes replace a file over and over, and now and then leave half of one; at any time it is a whole one.
  @Test func twoProcessesDoNotMix() async throws {
    try await withTemporaryDirectory { directory async throws in
      let path = directory.appending(path: "file").path
      func writeOften(_ version: UInt8) async {
        await #expect(processExitsWith: .success) { [path = path as String, version] in
          let stop = Failure(path: "nowhere", found: "nothing", expected: "something")
          for round in 0..<200 {
            do {
              try Self.write(to: path) { file throws(Failure) in
                for part in 0..<4 {
                  if round % 5 == 4 && part == 2 { throw stop }
                  try file.append([UInt8](repeating: version, count: 10_000))
                }
              }
            } catch let error as Failure where error == stop {}
            guard let contents = FileManager.default.contents(atPath: path), contents.count == 40_000,
              contents.allSatisfy({ $0 == contents[0] })
            else { fatalError("mixed") }
          }
        }
      }
      async let first: Void = writeOften(1)
      async let second: Void = writeOften(2)
      _ = await (first, second)
      #expect(try directory.fileNames() == ["file"])
    }
  }

  /// A process that was stopped while it writes makes another one wait, not mix.
  @Test func aWriterWaitsForAnother() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      try Self.write(to: path) { file throws(Failure) in
        try file.append(Array("first".utf8))
        Thread.detachNewThread {
          first.signal()
          try? Self.write(to: path) { file throws(Failure) in try file.append(Array("second".utf8)) }
          second.signal()
        }
        first.wait()
        #expect(second.wait(timeout: .now() + 0.1) == .timedOut)
      }
      second.wait()
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("second".utf8))
      #expect(try directory.fileNames() == ["file"])
    }
  }

  @Test func theModeStays() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      func write() throws {
        try Self.write(to: path) { file throws(Failure) in
          try file.append([1])
          guard FileManager.default.fileExists(atPath: path) else { return }
          #expect((try? mode(directory.path + "/.file.partial")) == 0o600)
        }
      }
      try write()
      try Data().write(to: directory.appending(path: "usual"))
      #expect(try mode(path) == mode(directory.path + "/usual"))
      for bits in [0o600, 0o640, 0o777, 0o444, 0o000] {
        try FileManager.default.setAttributes([.posixPermissions: bits], ofItemAtPath: path)
        try write()
        #expect(try mode(path) == bits)
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give files away")) func theOwnerStays() throws {
    try withTemporaryFile("old") { path in
      #expect(chown(path, 1234, 2345) == 0)
      try Self.write(to: path) { file throws(Failure) in try file.append([1]) }
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.ownerAccountID] as? Int == 1234 && attributes[.groupOwnerAccountID] as? Int == 2345)
    }
  }

  /// Pipes are written to, and stay pipes; devices as well.
  @Test func whatIsNoFileStays() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "pipe").path
      #expect(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let link = directory.appending(path: "link").path
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/fd/\(reader)")
      for path in [path, link] {
        try AtomicFile<Failure>.check(path)
        try Self.write(to: path) { file throws(Failure) in try file.append([1, 2, 3]) }
        var bytes = [UInt8](repeating: 0, count: 10)
        #expect(read(reader, &bytes, 10) == 3 && bytes.starts(with: [1, 2, 3, 0]))
      }
      try Self.write(to: "/dev/null") { file throws(Failure) in try file.append([1, 2, 3]) }
      var status = stat()
      #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
      #expect(try directory.fileNames() == ["link", "pipe"])
    }
  }

  @Test func symbolicLinksStay() throws {
    try withTemporaryDirectory { directory in
      func url(_ name: String) -> URL { directory.appending(path: name) }
      try FileManager.default.createDirectory(at: url("folder"), withIntermediateDirectories: true)
      try Data("old".utf8).write(to: url("folder/file"))
      let links = [
        "first": "second", "second": "folder/file", "absolute": url("folder/file").path, "to nothing": "new",
      ]
      for (name, destination) in links {
        try FileManager.default.createSymbolicLink(atPath: url(name).path, withDestinationPath: destination)
      }
      for (name, file) in [("first", "folder/file"), ("absolute", "folder/file"), ("to nothing", "new")] {
        try AtomicFile<Failure>.check(url(name).path)
        try Self.write(to: url(name).path) { file throws(Failure) in try file.append(Array(name.utf8)) }
        #expect(try Data(contentsOf: url(file)) == Data(name.utf8))
      }
      for (name, destination) in links {
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: url(name).path) == destination)
      }
      #expect(try Set(directory.fileNames()) == Set(links.keys).union(["folder", "new"]))
      #expect(try url("folder").fileNames() == ["file"])
    }
  }

  @Test func linksInACircle() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "link").path
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "link")
      let error = unwritable(path, "no way to find it (Too many levels of symbolic links)")
      #expect(throws: error) { try Self.write(to: path) { _ in } }
      #expect(throws: error) { try AtomicFile<Failure>.check(path) }
    }
  }

  /// The longest names are those of 255 bytes.
  @Test(arguments: ["x", "ä", "/\u{301}"]) func longAndOddNames(character: String) throws {
    try withTemporaryDirectory { directory in
      let count = character == "x" ? 255 : character == "ä" ? 127 : 1
      let path = directory.path + "/" + String(repeating: character, count: count)
      for text in ["old", "new"] {
        try Self.write(to: path) { file throws(Failure) in try file.append(Array(text.utf8)) }
        #expect(FileManager.default.contents(atPath: path) == Data(text.utf8))
      }
      #expect(try directory.fileNames().count == 1)
    }
  }

  /// What can't be written is found before, and what can be isn't changed.
  @Test func check() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      try AtomicFile<Failure>.check(path)
      #expect(try directory.fileNames() == [])
      try Data("old".utf8).write(to: URL(filePath: path))
      try AtomicFile<Failure>.check(path)
      #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
      #expect(try directory.fileNames() == ["file"])
      for (path, found) in [
        (path + "/more", "no way to find it (Not a directory)"),
        (directory.path, "a directory"),
        (directory.path + "/missing/file", "no directory \(directory.path)/missing"),
        ("", "no way to find it (No such file or directory)"),
      ] {
        #expect(throws: unwritable(path, found)) { try AtomicFile<Failure>.check(path) }
        #expect(throws: unwritable(path, found)) { try Self.write(to: path) { _ in } }
      }
    }
  }

  /// The file of another user in a directory such as /tmp, where everybody writes.
  @Test(.enabled(if: geteuid() == 0, "only root may become another user")) func filesOfOthers() async throws {
    await #expect(processExitsWith: .success) {
      try withTemporaryDirectory { directory in
        for (name, mode) in [("readable", 0o644), ("writable", 0o666)] {
          let path = directory.appending(path: name).path
          try Data("old".utf8).write(to: URL(filePath: path))
          #expect(chmod(path, mode_t(mode)) == 0 && chmod(directory.path, 0o1777) == 0 && seteuid(65534) == 0)
          defer { seteuid(0) }
          let error = Failure(
            path: path, found: "no way to replace it (Operation not permitted)", expected: "a file to write")
          #expect(throws: error) { try AtomicFile<Failure>.check(path) }
          #expect(throws: error) { try Self.write(to: path) { _ in } }
          #expect(chmod(directory.path, 0o755) == -1)
        }
        for name in ["readable", "writable"] {
          #expect(chmod(directory.path, 0o777) == 0 && seteuid(65534) == 0)
          defer { seteuid(0) }
          let path = directory.appending(path: name).path
          try AtomicFile<Failure>.check(path)
          try Self.write(to: path) { file throws(Failure) in try file.append([1]) }
          #expect(FileManager.default.contents(atPath: path) == Data([1]))
        }
        #expect(try directory.fileNames() == ["readable", "writable"])
      }
    }
  }

  /// Root replaces the files of others there, too.
  @Test(.enabled(if: geteuid() == 0, "only root may give files away")) func filesOfOthersAsRoot() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appending(path: "file").path
      try Data("old".utf8).write(to: URL(filePath: path))
      #expect(chown(path, 1234, 1234) == 0 && chown(directory.path, 2345, 2345) == 0)
      #expect(chmod(directory.path, 0o1777) == 0)
      try AtomicFile<Failure>.check(path)
      try Self.write(to: path) { file throws(Failure) in try file.append([1]) }
      #expect(FileManager.default.contents(atPath: path) == Data([1]))
    }
  }

  #if os(Linux)
    /// A file that is mounted, as into a container, can't be replaced.
    @Test(.enabled(if: geteuid() == 0, "only root may mount")) func aMountedFile() throws {
      try withTemporaryDirectory { directory in
        let (path, source) = (directory.path + "/a file", directory.path + "/source")
        for path in [path, source] { try Data("old".utf8).write(to: URL(filePath: path)) }
        guard mount(source, path, nil, UInt(MS_BIND), nil) == 0 else { return }
        defer { umount(path) }
        let error = unwritable(path, "no way to replace it (Device or resource busy)")
        #expect(throws: error) { try AtomicFile<Failure>.check(path) }
        #expect(throws: error) { try Self.write(to: path) { _ in } }
        #expect(try directory.fileNames() == ["a file", "source"])
      }
    }

    /// A file that its owner has made immutable.
    @Test(.enabled(if: geteuid() == 0, "only root may do that")) func anImmutableFile() throws {
      func chattr(_ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/chattr")
        process.arguments = arguments
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
      }
      try withTemporaryFile("old") { path in
        guard chattr("+i", path) else { return }  // a file system without
        defer { #expect(chattr("-i", path)) }
        let error = unwritable(path, "no way to replace it (Operation not permitted)")
        #expect(throws: error) { try AtomicFile<Failure>.check(path) }
        #expect(throws: error) { try Self.write(to: path) { _ in } }
      }
    }
  #endif
}
