import Foundation
import SliceGrad

@testable import SliceGradTraining

/// A safetensors file that the project wrote, changed in some places as the fuzzer's bytes say.
///
/// Few random bytes are a file, and a checksum stops nearly all changes at the door. So the length of the header, the
/// length of the data and, unless the fuzzer wants it otherwise, the checksum are made right again.
struct EditedFile {
  private var header: [UInt8]
  private var data: [UInt8]

  init(_ file: [UInt8]) {
    let length = file.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    header = Array(file[8..<8 + length])
    data = Array(file[(8 + length)...])
  }

  /// The file after the edits: its bytes, and whether the checksum was made right.
  static func bytes(of file: [UInt8], editedBy fuzzer: inout FuzzerBytes) -> [UInt8] {
    var edited = EditedFile(file)
    let repairsChecksum = fuzzer.byte() & 1 == 0
    while !fuzzer.isEmpty { edited.edit(&fuzzer) }
    if repairsChecksum { edited.repair() }
    return bytes(header: edited.header, data: edited.data)
  }

  /// A file with this header and these data.
  static func bytes(header: some Collection<UInt8>, data: some Collection<UInt8>) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + data
  }

  /// So many bytes of data as the header says the last tensor ends with; nil if that are more than 64 KiB, or if the
  /// header can't be read.
  static func byteCount(of header: [UInt8]) -> Int? {
    guard case .object(let members)? = JSONValue(Data(header)) else { return nil }
    var end = 0
    for case (_, .object(let tensor)) in members {
      for case ("data_offsets", .list(let offsets)) in tensor {
        if case .number(let number)? = offsets.last { end = max(end, number) }
      }
    }
    return end <= 1 << 16 ? end : nil
  }

  /// Takes some bytes away from the header or the data, and puts others in their place.
  private mutating func edit(_ fuzzer: inout FuzzerBytes) {
    let (removed, added) = (fuzzer.byte(), fuzzer.byte() % 32)
    func replace(_ bytes: inout [UInt8]) {
      let start = fuzzer.number(below: bytes.count + 1)
      bytes.replaceSubrange(start..<min(start + removed % 128, bytes.count), with: fuzzer.bytes(added))
    }
    if removed < 128 { replace(&header) } else { replace(&data) }
  }

  private mutating func repair() {
    if let count = Self.byteCount(of: header) {
      data = Array(data.prefix(count)) + [UInt8](repeating: 0, count: max(count - data.count, 0))
    }
    guard let parsed = try? SafetensorsHeader(Data(header), dataByteCount: data.count, path: ""),
      let stated = parsed.metadata[Checksum.key], !stated.isEmpty, let place = Data(header).range(of: Data(stated.utf8))
    else { return }
    var checksum = Checksum(of: parsed.metadata, parsed.entries)
    data.withUnsafeBytes { checksum.add($0) }
    header.replaceSubrange(place, with: checksum.text.utf8)
  }
}
