import Foundation
import SliceGradFiles

/// The lines of a file as bytes. They are read in chunks, so that neither a long file nor a long line fills the memory.
///
/// The file isn't mapped into memory, because it may be a pipe: `TextClassifier --train <(zcat train.tsv.gz)`. A line
/// of a pipe is visited as soon as it has come. It ends in LF, CR or CRLF, which is not part of it; the last line may
/// lack that. Byte order marks at the beginning of a line are skipped, as there are some within files that were put
/// together.
package struct FileLines {
  /// The longest line that is accepted, in bytes without its end: 1 MiB.
  static let longestLine = 1 << 20

  let path: String
  /// What the file should hold, for messages: “labelled text”.
  let contents: String

  package init(path: String, contents: String) {
    self.path = path
    self.contents = contents
  }

  /// Calls `body` with each line and its number, counted from 1, in order.
  ///
  /// Throws if the file cannot be read or a line is longer than `longestLine`, and what `body` throws.
  ///
  /// - Complexity: O(bytes of the file).
  package func visit(_ body: (_ line: ArraySlice<UInt8>, _ number: Int) throws(DataError) -> Void) throws(DataError) {
    let file = try open()
    defer { try? file.close() }

    var (unread, number) = (try nextChunk(of: file), 1)
    var searched = 0  // of the unread bytes, those of an unfinished line
    var isAfterCarriageReturn = false
    var isAtEnd = unread.isEmpty
    while !isAtEnd {
      var rest = unread[...]
      while let end = rest.dropFirst(searched).firstIndex(where: { $0 == lineFeed || $0 == carriageReturn }) {
        let isSecondHalf = isAfterCarriageReturn && end == rest.startIndex && rest[end] == lineFeed
        if !isSecondHalf {
          try body(line(rest[..<end], number: number), number)
          number += 1
        }
        isAfterCarriageReturn = rest[end] == carriageReturn
        rest = rest[(end + 1)...]
        searched = 0
      }
      _ = try line(rest, number: number)  // throws as soon as an unfinished line is too long

      searched = rest.count
      unread.removeFirst(unread.count - searched)
      let chunk = try nextChunk(of: file)
      isAtEnd = chunk.isEmpty
      unread += chunk
    }
    let last = try line(unread[...], number: number)
    if !last.isEmpty { try body(last, number) }
  }

  /// The path of standard input.
  package static let standardInput = "/dev/stdin"

  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let bytesInChunk = 1 << 18

  /// The line without byte order marks before it. Throws if it is too long.
  private func line(_ bytes: ArraySlice<UInt8>, number: Int) throws(DataError) -> ArraySlice<UInt8> {
    guard bytes.count <= Self.longestLine else {
      throw DataError(
        at: TextLocation(path: path, line: number),
        found: "a line of more than \(Self.longestLine) bytes", expected: "shorter lines")
    }
    var line = bytes
    while line.starts(with: Self.byteOrderMark) { line = line.dropFirst(Self.byteOrderMark.count) }
    return line
  }

  private func open() throws(DataError) -> FileHandle {
    if path == Self.standardInput { return .standardInput }  // it may be a socket, or have been read from
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { throw unreadable("no file") }
    guard !isDirectory.boolValue else { throw unreadable("a directory") }
    guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable("a file that cannot be opened") }
    return file
  }

  /// The next bytes of the file, as soon as there are some; none at its end. `FileHandle` would wait for a whole chunk,
  /// and the lines of a pipe with it.
  private func nextChunk(of file: FileHandle) throws(DataError) -> [UInt8] {
    var failed = false
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.bytesInChunk) { buffer, count in
      var bytes = 0
      repeat {
        bytes = read(file.fileDescriptor, buffer.baseAddress!, buffer.count)
      } while bytes < 0 && errno == EINTR
      failed = bytes < 0
      count = max(bytes, 0)
    }
    guard !failed else { throw unreadable("a file that cannot be read") }
    return chunk
  }

  private func unreadable(_ found: String) -> DataError {
    DataError(path: path, found: found, expected: "a readable file of \(contents)")
  }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
