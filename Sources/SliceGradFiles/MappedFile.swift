package import Foundation

extension Data {
  /// The bytes of a regular file, mapped into memory: they are read when they are accessed.
  ///
  /// If the file is replaced as a whole while it is mapped, as `AtomicFile` does, these are still the old bytes. If it
  /// is shortened in place, the program ends when it accesses a missing byte.
  package init<Failure: FileError>(mapping path: String, throwing: Failure.Type) throws(Failure) {
    func error(_ found: String) -> Failure { Failure(path: path, found: found, expected: "a file to read") }
    // Non-blocking, so that nothing waits for a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw error(errno == ENOENT ? "no file" : String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw error(String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw error(status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "something that is not a file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      self.init()
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw error(String(cString: strerror(errno)))
    }
    self.init(bytesNoCopy: address, count: count, deallocator: .unmap)
  }
}
