import Foundation
import SliceGradFiles

/// Reads a model file of fastText's from its beginning to its end.
///
/// Nothing is taken from the file, and no memory for it, before the file is known to be long enough.
struct FastTextReader {
  let path: String
  let bytes: Data
  /// Where the next value begins.
  private(set) var position = 0

  init(_ path: String) throws(DataError) {
    self.path = path
    bytes = try Data(mapping: path, throwing: DataError.self)
  }

  /// The number of bytes that are not read yet.
  var bytesLeft: Int { bytes.count - position }

  /// What is wrong with the file.
  func error(_ found: String, _ expected: String) -> DataError {
    DataError(path: path, found: found, expected: expected)
  }

  /// The next whole number, little-endian. `name` says in a message what it is.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ name: String, as type: Integer.Type = Int32.self
  ) throws(DataError) -> Int {
    let start = try skip(1, ofSize: MemoryLayout<Integer>.size, name)
    let integer = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Integer.self) }
    return Int(Integer(littleEndian: integer))
  }

  /// The next whole number. Throws if it is outside of the range.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ name: String, in range: ClosedRange<Int>, as type: Integer.Type = Int32.self
  ) throws(DataError) -> Int {
    let number = try integer(name, as: type)
    guard range.contains(number) else { throw error("\(number) as \(name)", "\(range.lowerBound)…\(range.upperBound)") }
    return number
  }

  /// The next byte, which is 0 or 1.
  mutating func flag(_ name: String) throws(DataError) -> Bool { try integer(name, in: 0...1, as: UInt8.self) == 1 }

  /// Goes past so many values of a size in bytes. Returns where the first one begins.
  @discardableResult
  mutating func skip(_ count: Int, ofSize size: Int, _ name: String) throws(DataError) -> Int {
    let (byteCount, overflows) = count.multipliedReportingOverflow(by: size)
    guard !overflows, byteCount <= bytesLeft else {
      throw error("\(bytesLeft) bytes after byte \(position)", "\(name): \(count) of \(size) bytes each")
    }
    defer { position += byteCount }
    return position
  }

  /// Goes past a text that ends with a zero byte, and past that. Returns where the text begins.
  mutating func skipText(_ name: String) throws(DataError) -> Int {
    let start = position
    let length = bytes.withUnsafeBytes { file in
      let rest = UnsafeRawBufferPointer(rebasing: file[start...])
      return rest.firstIndex(of: 0)
    }
    guard let length else { throw error("no end of \(name) after byte \(start)", "a zero byte") }
    position += length + 1
    return start
  }
}
