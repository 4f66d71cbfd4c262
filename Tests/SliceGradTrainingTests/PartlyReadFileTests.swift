import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Also of the checksums of blocks, and of how many bytes a file has.
@Suite struct PartlyReadFileTests {
  private let table: [UInt8] = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
  private let numbers: [UInt32] = [1, 500_000, .max]

  private var writer: SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: ["a": "b"])
    writer.checksumsBlocks = true
    writer.add("table", dtype: .u8, shape: [100, 100], pieces: [table])
    writer.add("numbers", dtype: .u32, shape: [3], pieces: [numbers.map(\.littleEndian)])
    return writer
  }

  private func withFile(_ body: (URL) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "table.safetensors")
      try writer.write(to: url)
      try body(url)
    }
  }

  @Test func reads() throws {
    try withFile { url in
      let file = try #require(try PartlyReadFile(SafetensorsFile(url)))
      for range in [0..<1, 4090..<4100, 9_999..<10_000, 10_000..<10_000, 0..<10_000] {
        #expect(try Array(file.bytes(of: "table", in: range)) == Array(table[range]))
      }
      for (index, number) in numbers.enumerated() {
        #expect(try file.integer(index, of: "numbers", as: UInt32.self) == number)
      }
      try file.file.checkIsUndamaged(needsChecksum: true)
      let byteCount = try writer.byteCount()
      #expect(try Data(contentsOf: url).count == byteCount)
    }
  }

  @Test func whatIsNotThere() throws {
    try withFile { url in
      let file = try #require(try PartlyReadFile(SafetensorsFile(url)))
      for range in [-1..<2, 9_999..<10_001] {
        let error = #expect(throws: CheckpointError.self) { _ = try file.bytes(of: "table", in: range) }
        #expect("\(error!)".hasSuffix("tensor “table”: found 10000 bytes, expected bytes \(range)"))
      }
      #expect(throws: CheckpointError.self) { _ = try file.bytes(of: "other", in: 0..<1) }
      #expect(throws: CheckpointError.self) { _ = try file.integer(3, of: "numbers", as: UInt32.self) }
      #expect(throws: CheckpointError.self) { _ = try file.bytes(of: BlockChecksums.name, in: 0..<1) }
    }
  }

  /// A file that other programs or earlier versions wrote is as it ever was.
  @Test func filesWithoutThem() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "table.safetensors")
      var writer = writer
      writer.checksumsBlocks = false
      try writer.write(to: url)
      let file = try PartlyReadFile(SafetensorsFile(url))
      #expect(file == nil)
      #expect(try SafetensorsFile(url).entries.map(\.name) == ["numbers", "table"])
      let byteCount = try writer.byteCount()
      #expect(try Data(contentsOf: url).count == byteCount)
    }
  }

  /// One bit after another: the file is refused, or the part that is read, or it is what it was.
  @Test func damage() throws {
    try withFile { url in
      let whole = try Data(contentsOf: url)
      let part = 4000..<4200
      var refusals = 0
      for position in stride(from: 0, to: whole.count, by: 5) {
        var damaged = whole
        damaged[position] ^= 1 << (position % 8)
        try damaged.write(to: url)
        do {
          guard let file = try PartlyReadFile(SafetensorsFile(url)) else { continue }  // the name of the checksums
          let bytes = Array(try file.bytes(of: "table", in: part))
          #expect(bytes == Array(table[part]), "byte \(position)")
        } catch {
          refusals += 1
        }
      }
      // The header, and two of the three blocks.
      #expect(refusals > 1600)
    }
  }

  @Test func onlyWhatIsReadIsChecked() throws {
    try withFile { url in
      var bytes = try Data(contentsOf: url)
      let start = bytes.range(of: Data(table[..<100]))!.lowerBound
      bytes[start + 9000] ^= 1
      try bytes.write(to: url)
      let file = try #require(try PartlyReadFile(SafetensorsFile(url)))
      #expect(try file.bytes(of: "table", in: 0..<4000).count == 4000)
      let error = #expect(throws: CheckpointError.self) { _ = try file.bytes(of: "table", in: 8999..<9001) }
      #expect(
        "\(error!)".contains("found another checksum of block 2, expected the one in the file: the file is damaged"))
      #expect(throws: CheckpointError.self) { try file.file.checkIsUndamaged() }
    }
  }
}
