/// The rows of the table that fastText reads for a text: of its words, and of their n-grams.
struct FastTextFeatures: Sendable {
  let dictionary: FastTextDictionary
  let arguments: FastTextArguments

  /// What stands for the end of a line.
  private static let endOfLine = Array("</s>".utf8)
  private static let lineFeed = UInt8(ascii: "\n")

  /// Whether words are separated by the byte: a space, one of the five ASCII controls from tab to carriage return, or
  /// zero.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte) || byte == 0
  }

  /// The rows of a line, which the end of the text ends. Labels in it are left out.
  ///
  /// - Complexity: O(length of the text · n-gram lengths).
  func rows(of text: String) -> [Int32] {
    var rows: [Int32] = []
    var hashes: [UInt32] = []
    visitTokens(of: Array(text.utf8)) { token in
      let entry = dictionary.index(of: token)
      let isLabel = entry.map { $0 >= dictionary.wordCount } ?? FastTextDictionary.isLabel(token)
      guard !isLabel else { return }
      appendRows(of: token, entry, to: &rows)
      hashes.append(FastTextHash.value(of: token))
    }
    appendWordNGrams(hashes, to: &rows)
    return rows
  }

  /// The rows of a word: its own if it is known, and those of its character n-grams.
  func rows(ofWord word: String) -> [Int32] {
    var rows: [Int32] = []
    let bytes = Array(word.utf8)
    let entry = dictionary.index(of: bytes)
    if entry.map({ $0 < dictionary.wordCount }) ?? true { appendRows(of: bytes[...], entry, to: &rows) }
    return rows
  }

  /// Calls the body with each word up to the end of the first line, and with what stands for that.
  private func visitTokens(of text: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) {
    var rest = text[...]
    while true {
      rest = rest.drop { Self.isSpace($0) && $0 != Self.lineFeed }
      guard let first = rest.first, first != Self.lineFeed else { return body(Self.endOfLine[...]) }
      let token = rest.prefix { !Self.isSpace($0) }
      body(token)
      if token.elementsEqual(Self.endOfLine) { return }
      rest = rest[token.endIndex...]
    }
  }

  private func appendRows(of word: ArraySlice<UInt8>, _ entry: Int?, to rows: inout [Int32]) {
    if let entry { rows.append(Int32(entry)) }
    guard arguments.longest > 0, !word.elementsEqual(Self.endOfLine) else { return }
    let bytes = [UInt8(ascii: "<")] + word + [UInt8(ascii: ">")]
    for start in bytes.indices where !bytes[start].continuesScalar {
      var (hash, end, length) = (FastTextHash(), start, 0)
      while end < bytes.count, length < arguments.longest {
        repeat {
          hash.combine(bytes[end])
          end += 1
        } while end < bytes.count && bytes[end].continuesScalar
        length += 1
        let isMark = length == 1 && (start == 0 || end == bytes.count)  // the < or > alone
        if length >= arguments.shortest && !isMark { appendBucket(of: UInt64(hash.value), to: &rows) }
      }
    }
  }

  /// The rows of all sequences of two words or more, by hashes that are made of those of the words.
  private func appendWordNGrams(_ hashes: [UInt32], to rows: inout [Int32]) {
    guard arguments.wordNGrams > 1 else { return }
    /// The hash as a signed number, in 64 bits.
    func extended(_ hash: UInt32) -> UInt64 { UInt64(bitPattern: Int64(Int32(bitPattern: hash))) }
    for first in hashes.indices {
      var hash = extended(hashes[first])
      for next in hashes[first...].dropFirst().prefix(arguments.wordNGrams - 1) {
        hash = hash &* 116_049_371 &+ extended(next)
        appendBucket(of: hash, to: &rows)
      }
    }
  }

  /// Adds the row of the bucket of an n-gram, unless pruning has removed it.
  private func appendBucket(of hash: UInt64, to rows: inout [Int32]) {
    var bucket = Int32(hash % UInt64(arguments.buckets))
    if let kept = dictionary.keptBuckets {
      guard let row = kept[bucket] else { return }
      bucket = row
    }
    rows.append(Int32(dictionary.wordCount) + bucket)
  }
}

extension UInt8 {
  /// Whether the byte is one of a Unicode scalar in UTF-8, but not its first.
  fileprivate var continuesScalar: Bool { self & 0xC0 == 0x80 }
}
