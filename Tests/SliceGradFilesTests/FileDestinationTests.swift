import Foundation
import TestSupport
import Testing

@testable import SliceGradFiles

@Suite struct FileDestinationTests {
  @Test(arguments: [
    ("missing", ".missing.partial"), ("missing/b", "missing/.b.partial"), ("/b", "/.b.partial"),
    ("missing//é", "missing//.é.partial"), ("missing/\u{301}x", "missing/.\u{301}x.partial"),
  ])
  func thePartialFileIsBesideTheFile(path: String, partialPath: String) throws {
    let found = try #require(FileDestination(path)).partialPath
    #expect(Array(found.utf8) == Array(partialPath.utf8))
  }

  @Test(arguments: ["", "missing/", "/dev/null/file"]) func pathsThatLeadToNoFile(path: String) {
    #expect(FileDestination(path) == nil)
  }

  @Test func whatIsThere() throws {
    let (device, directory) = (try #require(FileDestination("/dev/null")), try #require(FileDestination("/")))
    #expect(!device.isFile && !device.isDirectory && !directory.isFile && directory.isDirectory)
    try withTemporaryFile("") { path in
      let (file, new) = (try #require(FileDestination(path)), try #require(FileDestination(path + " new")))
      #expect(file.isFile && new.isFile && !file.isDirectory && file.obstacle == nil && new.obstacle == nil)
    }
  }

  /// What another process has locked isn't given to this one before; what a killed one left is removed.
  @Test func thePartialFileIsNewAndLocked() throws {
    try withTemporaryDirectory { directory in
      let destination = try #require(FileDestination(directory.path + "/file"))
      try Data("left".utf8).write(to: URL(filePath: destination.partialPath))
      let descriptor = try #require(destination.openPartial())
      #expect(try Data(contentsOf: URL(filePath: destination.partialPath)).isEmpty)
      let other = open(destination.partialPath, O_WRONLY)
      #expect(flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
      close(descriptor)
      #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
      close(other)
    }
  }

  @Test func aDirectoryOfThePartialFilesName() throws {
    try withTemporaryDirectory { directory in
      let destination = try #require(FileDestination(directory.path + "/file"))
      try FileManager.default.createDirectory(atPath: destination.partialPath, withIntermediateDirectories: true)
      #expect(destination.openPartial() == nil)
      #expect(try directory.fileNames() == [".file.partial"])
    }
  }
}
