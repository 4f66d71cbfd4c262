public import Foundation
import SliceGradFiles

/// A safetensors file of which some parts are read, and only these are checked: to look up a few rows of a large table
/// at once.
///
///     let url = URL(filePath: "table.safetensors")
///     var writer = SafetensorsWriter()
///     writer.checksumsBlocks = true
///     writer.add("table", Tensor<Float>(ones: [1000, 64]))
///     try writer.write(to: url)
///     let file = try PartlyReadFile(SafetensorsFile(url))!
///     print(try file.bytes(of: "table", in: 256 * 500..<256 * 501).count)  // 256
///
/// The file has to be written with `checksumsBlocks`: it then has a checksum for each 4 KiB. A block is checked when it
/// is first read from.
public final class PartlyReadFile {
  /// The file as a whole.
  public let file: SafetensorsFile

  private let checksums: Data
  /// The number of bytes before the checksums, each of which is in a block.
  private let byteCount: Int
  private var isChecked: [Bool]

  /// Nil if the file has no checksums of blocks. Throws if they are not as they should be, or if the header is damaged.
  ///
  /// - Complexity: O(bytes of the header + blocks). Nothing else is read.
  public init?(_ file: SafetensorsFile) throws(CheckpointError) {
    guard let entry = file[BlockChecksums.name] else { return nil }
    let count = entry.byteRange.lowerBound
    guard entry.dtype == .u8, entry.byteRange.count == BlockChecksums.byteCount(ofData: count) else {
      throw CheckpointError(
        path: file.path, tensor: entry.name, found: "\(entry.dtype.rawValue) of shape \(entry.shape.brief)",
        expected: "U8 of shape [\(BlockChecksums.byteCount(ofData: count))]")
    }
    self.file = file
    byteCount = count
    checksums = file.bytes(of: entry)
    isChecked = Array(repeating: false, count: entry.byteRange.count / 8 - 1)
    guard BlockChecksums(of: file.metadata, file.entries).values[0] == checksum(0) else { throw damaged("the header") }
  }

  /// Some bytes of a tensor, counted from its beginning. They are a part of the mapped file, with indices that don't
  /// begin at 0.
  ///
  /// Throws if there is no tensor of this name, or not so many bytes, and if a block of these bytes is damaged.
  ///
  /// - Complexity: O(number of bytes), and nothing if their blocks were checked before.
  public func bytes(of name: String, in range: Range<Int>) throws(CheckpointError) -> Data {
    guard let entry = file[name], range.lowerBound >= 0, range.upperBound <= entry.byteRange.count,
      entry.byteRange.upperBound <= byteCount
    else {
      throw CheckpointError(
        path: file.path, tensor: name, found: file[name].map { "\($0.byteRange.count) bytes" } ?? "none of this name",
        expected: "bytes \(range)")
    }
    let start = entry.byteRange.lowerBound
    let place = start + range.lowerBound..<start + range.upperBound
    if !place.isEmpty {
      for block in place.lowerBound / BlockChecksums.bytesInBlock...(place.upperBound - 1) / BlockChecksums.bytesInBlock
      where !isChecked[block] {
        try check(block)
      }
    }
    return file.bytes(place)
  }

  /// Number `index` of a tensor of U32, I32 or other integers of this size. Throws as `bytes` does.
  public func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ index: Int, of name: String, as: Integer.Type = Integer.self
  ) throws(CheckpointError) -> Integer {
    let size = MemoryLayout<Integer>.size
    return Integer(
      littleEndian: try bytes(of: name, in: index * size..<(index + 1) * size).withUnsafeBytes {
        $0.loadUnaligned(as: Integer.self)
      })
  }

  private func check(_ block: Int) throws(CheckpointError) {
    let start = block * BlockChecksums.bytesInBlock
    var checksum = Checksum()
    file.bytes(start..<min(start + BlockChecksums.bytesInBlock, byteCount)).withUnsafeBytes { checksum.add($0) }
    guard checksum.value == self.checksum(block + 1) else { throw damaged("block \(block)") }
    isChecked[block] = true
  }

  private func checksum(_ index: Int) -> UInt64 {
    checksums.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) }
  }

  private func damaged(_ part: String) -> CheckpointError {
    CheckpointError(
      path: file.path, found: "another checksum of \(part)",
      expected: "the one in the file: the file is damaged, or was changed by another program")
  }
}
