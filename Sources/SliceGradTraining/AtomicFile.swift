import Foundation

/// A file that is written beside the one it is to replace, and takes its place only when it is whole.
///
/// Whenever the program or the machine stops, there is the old file or the new one. A program that is killed while it
/// writes may leave a file whose name begins with ".partial-".
struct AtomicFile {
  private let path: String
  private let descriptor: Int32

  /// Writes what the body appends and puts it in the place of the file at `path`, if there is one. A symbolic link is
  /// replaced, not followed.
  ///
  /// Throws what the body throws and when the file cannot be written; then the old file is as it was.
  static func write(
    to path: String, _ body: (AtomicFile) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let directory = URL(filePath: path).deletingLastPathComponent()
    let partial = directory.appending(path: ".partial-\(UUID().uuidString)").path
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("create a file in the directory of", path) }

    let file = AtomicFile(path: path, descriptor: descriptor)
    do throws(CheckpointError) {
      defer { close(descriptor) }
      try body(file)
      guard fsync(descriptor) == 0 else { throw failure("write", path) }
    } catch {
      unlink(partial)
      throw error
    }
    guard rename(partial, path) == 0 else {
      let error = failure("replace", path)
      unlink(partial)
      throw error
    }
    flush(directory)
  }

  /// Writes the bytes behind those that were written before, from where they are.
  func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes
    while let address = rest.baseAddress, !rest.isEmpty {
      // At most 1 GiB at once: more than 2 GiB is refused on some systems.
      let count = Foundation.write(descriptor, address, min(rest.count, 1 << 30))
      guard count >= 0 || errno == EINTR else { throw Self.failure("write", path) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(count, 0)))
    }
  }

  /// Makes the new name outlast a power failure. Not every file system can flush a directory, and the file is whole
  /// without it, so nothing is thrown.
  private static func flush(_ directory: URL) {
    let descriptor = open(directory.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// The last system call's error.
  private static func failure(_ action: String, _ path: String) -> CheckpointError {
    let reason = String(cString: strerror(errno))
    return CheckpointError(path: path, found: "\(reason) on trying to \(action) it", expected: "a file to write")
  }
}
