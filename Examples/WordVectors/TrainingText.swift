import ExampleParts
import Foundation
import SliceGrad
import SliceGradFiles
import SliceGradText

/// A text as row numbers: its lines, without the words that are too rare.
struct TrainingText {
  let vocabulary: WordVocabulary
  /// The known words of each line.
  let lines: RaggedIndices
  /// How often each word of the vocabulary occurs.
  let counts: [Int]

  /// Throws `DataError` unless two words at least are frequent enough.
  init(_ lines: some Sequence<String>, minimumCount: Int, source: String) throws(DataError) {
    vocabulary = WordVocabulary(of: lines, minimumCount: minimumCount)
    guard vocabulary.count >= 2 else {
      throw DataError(
        at: TextLocation(path: source), found: "\(vocabulary.count) words that occur \(minimumCount) times or more",
        expected: "2 or more (--minimum-count)")
    }
    self.lines = NGramFeatures(.init(), vocabulary: vocabulary).encode(lines)
    guard zip(self.lines.rowSplits, self.lines.rowSplits.dropFirst()).contains(where: { $1 - $0 > 1 }) else {
      throw DataError(
        at: TextLocation(path: source), found: "no line with two words that occur \(minimumCount) times or more",
        expected: "words around words")
    }
    var counts = [Int](repeating: 0, count: vocabulary.count)
    for word in self.lines.values { counts[Int(word)] += 1 }
    self.counts = counts
  }

  var wordCount: Int { lines.values.count }
}

/// The lines of a UTF-8 file.
struct TextLines {
  let path: String

  private static let longestPiece = 1 << 16
  /// With more, its words could be too many for Int32: a word and a space are 2 bytes at least.
  private static let mostBytes = 1 << 32

  /// All lines, without their ends. A line of more than 64 KiB is cut in pieces, where there is white space: some
  /// texts are a single line.
  ///
  /// Throws `DataError` if the file can't be read, at the first line that isn't UTF-8, and for more than 4 GiB.
  func all() throws(DataError) -> [String] {
    let data = try Data(mapping: path, throwing: DataError.self)
    guard data.count <= Self.mostBytes else {
      throw DataError(path: path, found: "\(data.count) bytes", expected: "\(Self.mostBytes) bytes at most")
    }
    var lines: [String] = []
    var invalidLine: Int?
    data.withUnsafeBytes { bytes in
      var (rest, number) = (bytes[...], 1)
      if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
      while !rest.isEmpty && invalidLine == nil {
        let lineFeed = rest.prefix(Self.longestPiece).firstIndex(of: UInt8(ascii: "\n"))
        let end = lineFeed ?? Self.endOfPiece(of: rest)
        let content = rest[..<end].last == UInt8(ascii: "\r") ? rest[..<(end - 1)] : rest[..<end]
        let line = String(decoding: content, as: UTF8.self)
        if !line.utf8.elementsEqual(content) { invalidLine = number }
        lines.append(line)
        rest = rest[end...].dropFirst(lineFeed == nil ? 0 : 1)
        number += lineFeed == nil ? 0 : 1
      }
    }
    if let invalidLine {
      throw DataError(
        at: TextLocation(path: path, line: invalidLine), found: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    return lines
  }

  /// Where a piece of the first line ends: behind the last white space, or else before a character.
  private static func endOfPiece(of bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    guard bytes.count > longestPiece else { return bytes.endIndex }
    let piece = bytes.prefix(longestPiece)
    if let space = piece.lastIndex(where: { $0 == UInt8(ascii: " ") }) { return space + 1 }
    return piece.lastIndex { $0 & 0xC0 != 0x80 } ?? piece.endIndex
  }
}
