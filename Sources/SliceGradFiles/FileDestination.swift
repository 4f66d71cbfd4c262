import Foundation

/// Where a file is to be written: what a path leads to, and what is there now.
struct FileDestination {
  /// The path, behind all symbolic links.
  private(set) var path: String

  /// What is there; nil if nothing is.
  private let status: stat?

  /// Nil if the path can't lead to a file; `errno` says why.
  init?(_ path: String) {
    var found = stat()
    let isThere = stat(path, &found) == 0
    guard isThere || (errno == ENOENT && path.utf8.last ?? slash != slash) else { return nil }
    status = isThere ? found : nil
    self.path = path
    // The links of pipes, as /dev/stdout may be one, lead to nothing that has a path.
    while isFile, let link = try? FileManager.default.destinationOfSymbolicLink(atPath: self.path) {
      self.path = link.utf8.first == slash ? link : directory + link
    }
  }

  /// Whether there is a regular file, or nothing yet.
  var isFile: Bool { type == S_IFREG }

  var isDirectory: Bool { type == S_IFDIR }

  private var type: mode_t { (status?.st_mode ?? S_IFREG) & S_IFMT }

  /// The error that replacing the file gives, as far as it can be known before; nil if there is none.
  var obstacle: Int32? {
    guard let status else { return nil }
    if isMountPoint { return EBUSY }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 && errno == EPERM { return EPERM }  // An immutable file. Others may be replaced, if not opened.
    if descriptor >= 0 { close(descriptor) }
    // In a directory such as /tmp, nobody replaces the files of others.
    var parent = stat()
    guard stat(directoryOrHere, &parent) == 0, parent.st_mode & S_ISVTX != 0 else { return nil }
    return [0, status.st_uid, parent.st_uid].contains(geteuid()) ? nil : EPERM
  }

  /// Whether the file itself is mounted, as containers do: it can be written to, but not be replaced.
  private var isMountPoint: Bool {
    guard let file = FileHandle(forReadingAtPath: "/proc/self/mountinfo"), let bytes = try? file.readToEnd(),
      let resolved = realpath(path, nil)
    else { return false }
    defer { free(resolved) }
    let escaped = String(cString: resolved).utf8.flatMap { byte in
      " \t\n\\".utf8.contains(byte) ? Array(String(format: "\\%03o", Int32(byte)).utf8) : [byte]
    }
    return bytes.split(separator: UInt8(ascii: "\n")).contains { line in
      line.split(separator: UInt8(ascii: " ")).dropFirst(4).first?.elementsEqual(escaped) == true
    }
  }

  /// Where the file is written before it takes its place: ".NAME.partial" beside it. The names of some very long names
  /// are the same.
  var partialPath: String {
    directory + "." + String(decoding: path.utf8[nameStart...].prefix(240), as: UTF8.self) + ".partial"
  }

  /// Creates the partial file and locks it. Nil if that can't be; `errno` says why.
  ///
  /// Only who has locked the file of this name writes, renames and removes it. A lock ends with its program: a file
  /// that can be locked but isn't new was left by a program that was killed, and is removed.
  func openPartial() -> Int32? {
    while true {
      // What is to replace a file may be read by others only when it has that file's mode.
      let created = open(partialPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status == nil ? 0o666 : 0o600)
      guard created >= 0 || errno == EEXIST else { return nil }
      let descriptor = created >= 0 ? created : open(partialPath, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      if descriptor < 0 && errno == ENOENT { continue }  // It has just taken its place.
      guard descriptor >= 0, lock(descriptor) else { return nil }
      let isPartial = leads(partialPath, to: descriptor)
      if isPartial && created >= 0 { return descriptor }
      let isStuck = isPartial && unlink(partialPath) != 0
      close(descriptor)
      if isStuck { return nil }
    }
  }

  /// Gives a new file the mode of the one that is there and, where that is permitted, its owner.
  func keepAttributes(in descriptor: Int32) {
    guard let status else { return }
    if fchown(descriptor, status.st_uid, status.st_gid) != 0 { _ = fchown(descriptor, .max, status.st_gid) }
    _ = fchmod(descriptor, status.st_mode & 0o7777)
  }

  /// Makes the new name outlast a power failure. Not every file system can flush a directory, and the file is whole
  /// without it, so errors don't count.
  func flushDirectory() {
    let descriptor = open(directoryOrHere, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// The path up to and with the last slash.
  private var directory: String { String(path[..<nameStart]) }

  /// The directory that the file is in.
  var directoryOrHere: String {
    directory.isEmpty ? "." : directory == "/" ? directory : String(directory.dropLast())
  }

  // Paths are taken apart as UTF-8: a slash with an accent after it is one `Character`.
  private var nameStart: String.Index {
    path.utf8.lastIndex(of: slash).map { path.utf8.index(after: $0) } ?? path.startIndex
  }
}

private let slash = UInt8(ascii: "/")

/// Waits for the lock of an open file. False if it can't be locked; `errno` says why.
private func lock(_ descriptor: Int32) -> Bool {
  while flock(descriptor, LOCK_EX) != 0 {
    guard errno == EINTR else { return false }
  }
  return true
}

/// Whether a path is still that of an open file.
private func leads(_ path: String, to descriptor: Int32) -> Bool {
  var (opened, named) = (stat(), stat())
  guard fstat(descriptor, &opened) == 0, lstat(path, &named) == 0 else { return false }
  return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
}
