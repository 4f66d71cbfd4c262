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
/// Whenever the program or the computer stops, there is either the old file or the new one. What a killed program has
/// written of ".notes.txt.partial" is removed by the next one that writes the file. Two programs that write the same
/// file wait for one another.
package struct AtomicFile<Failure: FileError> {
  private let descriptor: Int32
  private let path: String

  /// Writes what the body appends, and puts it in the place of the file at `path`, if there is one. The file keeps its
  /// mode and, where that is permitted, its owner. A symbolic link stays, and the file that it leads to is replaced.
  /// What isn't a file, such as a pipe or a device, is written to as it is.
  ///
  /// Throws what the body throws, and if the file cannot be written. The old file is then as it was.
  package static func write(to path: String, _ body: (AtomicFile) throws(Failure) -> Void) throws(Failure) {
    let destination = try destination(path)
    let partial = destination.partialPath
    let file = AtomicFile(
      descriptor: destination.isFile ? try openPartial(of: destination, path) : open(path, O_WRONLY | O_CLOEXEC),
      path: path)
    guard file.descriptor >= 0 else { throw lastError(path, "open it") }
    defer { close(file.descriptor) }
    guard destination.isFile else { return try body(file) }
    do throws(Failure) {
      try body(file)
      destination.keepAttributes(in: file.descriptor)
      guard fsync(file.descriptor) == 0 else { throw lastError(path, "write it") }
      guard rename(partial, destination.path) == 0 else { throw lastError(path, "replace it") }
    } catch {
      unlink(partial)
      throw error
    }
    destination.flushDirectory()
  }

  /// Throws if `write` would, as far as that can be known before. Nothing is changed.
  ///
  /// - Parameter isRead: whether what is written is to be read again, so that it throws for what isn't a file, too.
  package static func check(_ path: String, isRead: Bool = false) throws(Failure) {
    let destination = try destination(path)
    guard destination.isFile else {
      if isRead { throw unwritable(path, "a device, a pipe or a socket") }
      guard access(path, W_OK) == 0 else { throw lastError(path, "write it") }
      return
    }
    let descriptor = try openPartial(of: destination, path)
    unlink(destination.partialPath)
    close(descriptor)
    if let obstacle = destination.obstacle { throw lastError(path, "replace it", obstacle) }
  }

  /// Appends bytes to those that were written before, without copying them.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var rest = bytes
    while let address = rest.baseAddress, !rest.isEmpty {
      // At most 1 GiB at once: more than 2 GiB is refused on some systems.
      let count = Foundation.write(descriptor, address, min(rest.count, 1 << 30))
      guard count >= 0 || errno == EINTR else { throw Self.lastError(path, "write it") }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(count, 0)))
    }
  }

  /// Appends bytes to those that were written before.
  package func append(_ bytes: [UInt8]) throws(Failure) {
    try bytes.withBytes { bytes throws(Failure) in try append(bytes) }
  }

  private static func destination(_ path: String) throws(Failure) -> FileDestination {
    guard let destination = FileDestination(path) else { throw lastError(path, "find it") }
    guard !destination.isDirectory else { throw unwritable(path, "a directory") }
    return destination
  }

  private static func openPartial(of destination: FileDestination, _ path: String) throws(Failure) -> Int32 {
    guard let descriptor = destination.openPartial() else {
      let (error, directory) = (errno, destination.directoryOrHere)
      throw error == ENOENT
        ? unwritable(path, "no directory \(directory)") : lastError(path, "write in \(directory)", error)
    }
    return descriptor
  }

  /// The last system call's error, or another one, for which something can't be done with the file.
  private static func lastError(_ path: String, _ action: String, _ number: Int32 = errno) -> Failure {
    unwritable(path, "no way to \(action) (\(String(cString: strerror(number))))")
  }

  private static func unwritable(_ path: String, _ found: String) -> Failure {
    Failure(path: path, found: found, expected: "a file to write")
  }
}
