import SliceGrad

@testable import SliceGradFiles

/// Wherever a path leads, the partial file is beside it, and has a name that a file can have.
@Sendable func fuzzPath(_ bytes: [UInt8]) {
  let path = String(decoding: bytes, as: UTF8.self)
  guard let destination = FileDestination(path) else { return }
  let slash = UInt8(ascii: "/")
  func parts(_ path: String) -> (directory: [UInt8], name: [UInt8]) {
    let bytes = Array(path.utf8)
    let start = bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0
    return (Array(bytes[..<start]), Array(bytes[start...]))
  }
  let (file, partial) = (parts(destination.path), parts(destination.partialPath))
  require(partial.directory == file.directory, "\(destination.partialPath) isn't beside \(destination.path)")
  require((9...255).contains(partial.name.count), "a name of \(partial.name.count) bytes")
  require(partial.name != file.name || file.name.count > 200, "\(path) is its own partial file")
  require(partial.name[0] == UInt8(ascii: ".") && partial.name.suffix(8).elementsEqual(".partial".utf8), "its name")
}
