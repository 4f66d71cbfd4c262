import Foundation
import SliceGradText
import SliceGradTraining

/// Finds the row of a word in a file of which little is read.
///
/// Besides the words there are three tensors of U32 `[words]`: the upper halves of the words' hashes in rising order,
/// the rows of these words, and where each row's word ends in the bytes of "words".
struct WordIndex {
  private let parts: PartlyReadFile
  let count: Int

  private static let (hashes, rows, ends) = ("words.hashes", "words.rows", "words.ends")

  /// Throws `CheckpointError` if the three tensors are not of the same length.
  init(_ parts: PartlyReadFile) throws(CheckpointError) {
    self.parts = parts
    count = parts.file[Self.hashes]?.shape.first ?? 0
    for name in [Self.hashes, Self.rows, Self.ends] {
      let entry = parts.file[name]
      guard let entry, entry.dtype == .u32, entry.shape == [count] else {
        throw CheckpointError(
          path: parts.file.path, tensor: name, found: entry.map { "\($0.dtype.rawValue) \($0.shape)" } ?? "none",
          expected: "U32 [\(count)]")
      }
    }
  }

  /// Adds the tensors to a file, and the words themselves, with line feeds between them.
  static func add(_ words: [String], to writer: inout SafetensorsWriter) {
    let sorted = words.enumerated().map { (hash: hash($1), row: UInt32($0)) }
      .sorted { ($0.hash, $0.row) < ($1.hash, $1.row) }
    var (ends, end) = ([UInt32](), 0)
    for word in words {
      end += word.utf8.count
      ends.append(UInt32(end))
      end += 1
    }
    let text = Array(words.joined(separator: "\n").utf8)
    writer.add(hashes, dtype: .u32, shape: [words.count], pieces: [sorted.map(\.hash.littleEndian)])
    writer.add(rows, dtype: .u32, shape: [words.count], pieces: [sorted.map(\.row.littleEndian)])
    writer.add(Self.ends, dtype: .u32, shape: [words.count], pieces: [ends.map(\.littleEndian)])
    writer.add("words", dtype: .u8, shape: [text.count], pieces: [text])
  }

  /// The number of bytes that a word takes in a file, besides its row.
  static func byteCount(of word: String) -> Int { 3 * MemoryLayout<UInt32>.size + word.utf8.count + 1 }

  /// The row of a word; nil if it is unknown.
  ///
  /// - Complexity: O(log n) for n words.
  func row(of word: String) throws(CheckpointError) -> Int32? {
    let hash = Self.hash(word)
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if try parts.integer(middle, of: Self.hashes, as: UInt32.self) < hash { low = middle + 1 } else { high = middle }
    }
    while low < count, try parts.integer(low, of: Self.hashes, as: UInt32.self) == hash {
      let row = Int(try parts.integer(low, of: Self.rows, as: UInt32.self))
      if try text(ofRow: row).elementsEqual(word.utf8) { return Int32(row) }
      low += 1
    }
    return nil
  }

  private func text(ofRow row: Int) throws(CheckpointError) -> Data {
    guard row < count else { throw error("row \(row)", "rows below \(count)") }
    let start = row == 0 ? 0 : Int(try parts.integer(row - 1, of: Self.ends, as: UInt32.self)) + 1
    let end = Int(try parts.integer(row, of: Self.ends, as: UInt32.self))
    guard start <= end else { throw error("a word from \(start) to \(end)", "words one after another") }
    return try parts.bytes(of: "words", in: start..<end)
  }

  private func error(_ found: String, _ expected: String) -> CheckpointError {
    CheckpointError(path: parts.file.path, tensor: "words", found: found, expected: expected)
  }

  private static func hash(_ word: String) -> UInt32 {
    var hash = StableHash()
    for scalar in word.unicodeScalars { hash.combine(UInt64(scalar.value)) }
    return UInt32(hash.value >> 32)
  }
}
