/// The checksums of a file's blocks, by which some of its bytes can be read without reading all of them.
///
/// They are a tensor of U8 at the end of the file: numbers of 64 bits, little-endian. The first is that of what the
/// header says, each other one that of 4 KiB of the data before this tensor.
struct BlockChecksums {
  static let name = "SliceGrad block checksums"
  static let bytesInBlock = 4096

  /// The numbers, of all blocks that are complete.
  private(set) var values: [UInt64]
  private var block = Checksum()
  private var byteCount = 0

  /// Those of a file with this header, without any data yet.
  init(of metadata: [String: String], _ entries: [SafetensorsEntry]) {
    values = [Checksum(of: metadata, entries).value]
  }

  /// How many bytes they take for so many bytes of data.
  static func byteCount(ofData count: Int) -> Int { 8 * (1 + (count + bytesInBlock - 1) / bytesInBlock) }

  /// Goes on with some bytes of the data.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.bytesInBlock - byteCount))
      block.add(part)
      byteCount += part.count
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      if byteCount == Self.bytesInBlock { end() }
    }
  }

  /// Ends the last block, which may be shorter than others.
  mutating func end() {
    if byteCount > 0 { values.append(block.value) }
    (block, byteCount) = (Checksum(), 0)
  }
}
