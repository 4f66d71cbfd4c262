import Foundation

/// A file that is written beside the one it is to replace, and takes its place only when it is complete and on the
/// disk.
///
///     try AtomicFile.write(to: "notes.txt") { file throws(DataError) in
///       try file.append(Array("to be ".utf8))
///       try file.append(Array("or not".utf8))
///     }
///     print(try String(contentsOfFile: "notes.txt", encoding: .utf8))  // to be or not
///
/// Whenever the program or the computer stops, there is either the old file or the new one. A program that is killed
/// while it writes may leave a file whose name begins with ".partial-".
package struct AtomicFile<Failure: FileError> {
  private let descriptor: Int32
  private let path: String

  /// Writes what the body appends, and puts it in the place of the file at `path`, if there is one. A symbolic link is
  /// replaced, not followed.
  ///
  /// Throws what the body throws, and if the file cannot be written. The old file is then as it was.
  package static func write(to path: String, _ body: (AtomicFile) throws(Failure) -> Void) throws(Failure) {
    let directory = URL(filePath: path).deletingLastPathComponent()
    let partial = directory.appending(path: ".partial-\(UUID().uuidString)").path
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    let file = AtomicFile(descriptor: descriptor, path: path)
    guard descriptor >= 0 else { throw file.lastError("create a file in the directory of it") }

    do throws(Failure) {
      defer { close(descriptor) }
      try body(file)
      guard fsync(descriptor) == 0 else { throw file.lastError("write it") }
      guard rename(partial, path) == 0 else { throw file.lastError("replace it") }
    } catch {
      unlink(partial)
      throw error
    }
    flush(directory)
  }

  /// Appends bytes to those that were written before, without copying them.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var rest = bytes
    while let address = rest.baseAddress, !rest.isEmpty {
      // At most 1 GiB at once: more than 2 GiB is refused on some systems.
      let count = Foundation.write(descriptor, address, min(rest.count, 1 << 30))
      guard count >= 0 || errno == EINTR else { throw lastError("write it") }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(count, 0)))
    }
  }

  /// Appends bytes to those that were written before.
  package func append(_ bytes: [UInt8]) throws(Failure) {
    try bytes.withBytes { bytes throws(Failure) in try append(bytes) }
  }

  /// Makes the new name survive a power failure. Nothing is thrown, because not every file system can flush a
  /// directory, and the file is complete even without it.
  private static func flush(_ directory: URL) {
    let descriptor = open(directory.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// The error of the last system call, which tried to do something with the file.
  private func lastError(_ action: String) -> Failure {
    Failure(
      path: path, found: "\(String(cString: strerror(errno))) on trying to \(action)", expected: "a file to write")
  }
}
