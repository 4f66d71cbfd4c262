import Foundation

/// A file that is written beside the one it shall replace, and takes its place once it is complete and on the disk.
///
///     try FileReplacement.write(to: "notes.txt", contents: "notes") { file throws(DataError) in
///       try file.append("first note\n")
///     }
///
/// Whoever reads the path meanwhile, or after a crash, sees the old file or the new one, never a part.
struct FileReplacement {
  private let path: String
  /// What the file shall hold, for messages: “word vectors”.
  private let contents: String
  private let temporaryPath: String
  private let file: FileHandle
  private var unwritten: [UInt8] = []

  private static let bytesInChunk = 1 << 18

  /// Calls `body` to append the contents. When it throws, or the file cannot be written, all is as it was.
  static func write(
    to path: String, contents: String, _ body: (inout FileReplacement) throws(DataError) -> Void
  ) throws(DataError) {
    var replacement = try FileReplacement(of: path, contents: contents)
    do {
      try body(&replacement)
      try replacement.finish()
    } catch {
      try? FileManager.default.removeItem(atPath: replacement.temporaryPath)
      throw error
    }
  }

  /// Appends a text as UTF-8.
  mutating func append(_ text: String) throws(DataError) {
    unwritten += text.utf8
    if unwritten.count >= Self.bytesInChunk { try writeOut() }
  }

  private init(of path: String, contents: String) throws(DataError) {
    self.path = path
    self.contents = contents
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    temporaryPath = folder.appendingPathComponent(".\(UUID().uuidString).tmp").path
    guard FileManager.default.createFile(atPath: temporaryPath, contents: nil),
      let file = FileHandle(forWritingAtPath: temporaryPath)
    else { throw Self.unwritable(path, contents: contents) }
    self.file = file
  }

  private mutating func finish() throws(DataError) {
    try writeOut()
    do {
      try file.synchronize()
      try file.close()
    } catch {
      throw Self.unwritable(path, contents: contents)
    }
    guard rename(temporaryPath, path) == 0 else { throw Self.unwritable(path, contents: contents) }
  }

  private mutating func writeOut() throws(DataError) {
    do {
      try file.write(contentsOf: unwritten)
    } catch {
      throw Self.unwritable(path, contents: contents)
    }
    unwritten.removeAll(keepingCapacity: true)
  }

  private static func unwritable(_ path: String, contents: String) -> DataError {
    DataError(
      at: TextLocation(path: path), found: "a place that cannot be written to",
      expected: "one for a file of \(contents)")
  }
}
