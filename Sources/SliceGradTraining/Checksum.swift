/// A number that reveals damage to a file's contents, but not tampering: FNV-1a over words of 32 bits (Fowler, Noll and
/// Vo, “The FNV Non-Cryptographic Hash Algorithm”).
package struct Checksum {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  /// The bytes of the last word, as long as it isn't whole.
  private var (word, byteCount) = (UInt32(0), UInt32(0))

  /// The checksum of what a header says, in any order, without the checksum in it. The data are to be added.
  init(of metadata: [String: String], _ entries: [SafetensorsEntry]) {
    for (key, text) in metadata where key != Self.key { add("\(key)=\(text)") }
    for entry in entries { add("\(entry.name) \(entry.dtype.rawValue) \(entry.shape) \(entry.byteRange)") }
  }

  package init() {}

  /// The key of the checksum in the metadata.
  static let key = "SliceGrad checksum"

  /// The checksum.
  package var value: UInt64 { byteCount == 0 ? hash : Self.mixed(hash, word) }

  /// The checksum, in decimal.
  var text: String { "\(value)" }

  /// Goes on with some bytes. However they are parted, the checksum is the same.
  ///
  /// - Complexity: O(n), some 3 GB/s.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let wordsEnd = byteCount == 0 ? bytes.count & ~3 : 0
    for start in stride(from: 0, to: wordsEnd, by: 4) {
      hash = Self.mixed(hash, UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    }
    for byte in bytes[wordsEnd...] {
      word |= UInt32(byte) << (8 * byteCount)
      byteCount += 1
      if byteCount == 4 { (hash, word, byteCount) = (Self.mixed(hash, word), 0, 0) }
    }
  }

  private mutating func add(_ line: String) {
    var line = line
    var checksum = Checksum()
    line.withUTF8 { checksum.add(UnsafeRawBufferPointer($0)) }
    hash &+= Self.mixed(checksum.hash, checksum.word)
  }

  private static func mixed(_ hash: UInt64, _ word: UInt32) -> UInt64 { (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
}
