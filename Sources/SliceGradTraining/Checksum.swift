/// A number that reveals damage to a file's contents, but not tampering: FNV-1a over words of 32 bits (Fowler, Noll and
/// Vo, “The FNV Non-Cryptographic Hash Algorithm”).
struct Checksum {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The checksum of the metadata, without the checksum in it.
  init(of metadata: [String: String]) {
    for (key, text) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.key {
      for byte in "\(key)=\(text)\n".utf8 { add(UInt32(byte)) }
    }
  }

  /// The key of the checksum in the metadata.
  static let key = "checksum"

  /// Continues with some bytes, whose number is a multiple of 4.
  ///
  /// - Complexity: O(n), some 3 GB/s.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for start in stride(from: 0, to: bytes.count, by: 4) {
      add(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
    }
  }

  private mutating func add(_ word: UInt32) { value = (value ^ UInt64(word)) &* 0x100_0000_01B3 }
}
