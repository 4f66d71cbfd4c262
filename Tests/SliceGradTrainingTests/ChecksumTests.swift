import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct ChecksumTests {
  private func checksum(_ pieces: [[UInt8]], _ metadata: [String: String] = [:]) -> String {
    var checksum = Checksum(of: metadata, [])
    for piece in pieces { piece.withUnsafeBytes { checksum.add($0) } }
    return checksum.text
  }

  /// FNV-1a over words of 4 bytes, little-endian; the last one may have fewer.
  @Test func isFNV() {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    #expect(checksum([]) == "\(hash)")
    for word: UInt64 in [0x0403_0201, 0x0807_0605, 0x09] { hash = (hash ^ word) &* 0x100_0000_01B3 }
    #expect(checksum([[1, 2, 3, 4, 5, 6, 7, 8, 9]]) == "\(hash)")
  }

  @Test func partsDoNotMatter() {
    let bytes = (0..<40).map { UInt8($0) }
    for first in 0..<20 {
      for second in first..<40 {
        let parts = [bytes[..<first], bytes[first..<second], bytes[second...]]
        #expect(checksum(parts.map(Array.init)) == checksum([bytes]))
      }
    }
  }

  /// The file of a model, damaged in every bit: it is refused, or the model is what it was. The latter is so where the
  /// name of the checksum is damaged, as files of other programs have none.
  @Test func everyFlippedBitOfAModel() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      let model = NestedModel<Float>()
      try model.save(to: url, metadata: ["a": "b"])
      let whole = try Data(contentsOf: url)
      var acceptedPlaces: Set<Int> = []
      for position in whole.indices {
        for bit in 0..<8 {
          var damaged = whole
          damaged[position] ^= 1 << bit
          try damaged.write(to: url)
          var loaded = NestedModel<Float>(seed: 2)
          guard (try? loaded.load(from: url)) != nil else { continue }
          acceptedPlaces.insert(position)
          #expect(loaded.bits == model.bits, "byte \(position), bit \(bit)")
        }
      }
      let key = try #require(whole.range(of: Data(Checksum.key.utf8)))
      #expect(acceptedPlaces.isSubset(of: Set(key)))
    }
  }

  @Test func whatIsSaid() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try NestedModel<Float>().save(to: url)
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: url)
      var model = NestedModel<Float>(seed: 2)
      let error = #expect(throws: CheckpointError.self) { try model.load(from: url) }
      #expect(error?.found.wholeMatch(of: /checksum “\d+” in the metadata/) != nil)
      #expect(
        error?.expected.drop { $0.isNumber }
          == ", that of the contents: the file is damaged, or was changed by another program")
      #expect(model.bits == NestedModel<Float>(seed: 2).bits)
      // What is in it can still be read.
      #expect(try SafetensorsFile(url).entries.count == 5)
    }
  }
}
