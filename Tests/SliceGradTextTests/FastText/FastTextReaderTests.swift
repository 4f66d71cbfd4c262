import Foundation
import TestSupport
import Testing

@testable import SliceGradText

/// Files that are not what they seem to be.
@Suite struct FastTextReaderTests {
  private func contents(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: fixture(name)))) }

  /// The message about a file with these bytes; nil if it is accepted.
  private func problem(_ bytes: [UInt8]) throws -> String? {
    try withTemporaryFile(bytes, name: "model.bin") { path in
      do {
        _ = try FastTextModel(path)
        return nil
      } catch let error as DataError {
        return error.description.replacingOccurrences(of: path, with: "FILE")
      }
    }
  }

  @Test(
    "a number in the head that can't be is named",
    arguments: [
      (0, 1, "found another beginning, expected a model of fastText's"),
      (4, 13, "found 13 as the version, expected 11…12"),
      (8, 0, "found 0 as the number of dimensions, expected 1…2147483647"),
      (8, 5, "found 4 as the number of columns of the table, expected 5…5"),
      (28, -1, "found -1 as the length of word n-grams, expected 0…100"),
      (32, 5, "found 5 as the loss, expected 1…4"),
      (36, 0, "found 0 as the kind of model, expected 1…3"),
      (40, 0, "found n-grams, but no buckets, expected buckets for them"),
      (40, 51, "found 106 rows of the table for 56 words and 51 buckets, expected one each"),
      (48, 101, "found 101 as the largest length of character n-grams, expected 0…100"),
      (64, 1 << 30, "found 1073741824 as the number of words and labels, expected 0…273"),
      (68, 62, "found 62 as the number of words, expected 0…61"),
      (72, 6, "found 6 as the number of labels, expected 5…5"),
      (84, 0, "found -4294967296 as the number of buckets left, expected -1…339"),
    ] as [(Int, Int32, String)])
  func head(position: Int, number: Int32, message: String) throws {
    var bytes = try contents("softmax.bin")
    withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(position..<position + 4, with: $0) }
    let found = try problem(bytes)
    #expect(found == "FILE: \(message)")
  }

  @Test func aFileThatIsCutAnywhereIsRefused() throws {
    for name in ["softmax.bin", "pruned.ftz"] {
      let bytes = try contents(name)
      for count in Array(0..<100) + stride(from: 100, to: bytes.count, by: 37) {
        #expect(try problem(Array(bytes.prefix(count)))?.contains(": found ") == true, "\(name), \(count) bytes")
      }
      let longer = try problem(bytes + [0])
      #expect(longer == "FILE: found 1 bytes after the model, expected none")
    }
  }

  @Test func wordsAreDifferent() throws {
    var bytes = try contents("no-end.bin")
    #expect(bytes[92] == UInt8(ascii: "x") && bytes[103] == UInt8(ascii: "y"))
    bytes[103] = bytes[92]
    #expect(try problem(bytes) == "FILE: found “x” twice in the dictionary, expected different words and labels")
  }

  @Test func wordsComeBeforeLabels() throws {
    var bytes = try contents("no-end.bin")
    bytes[102] = 1
    #expect(try problem(bytes) == "FILE: found 1 as the type of entry 1, expected 0…0")
  }

  @Test func bucketsAreDifferent() throws {
    var bytes = try contents("pruned.ftz")
    func integer(at position: Int) -> Int32 {
      bytes.withUnsafeBytes { Int32(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Int32.self)) }
    }
    // After the head of 92 bytes come the words and labels, each with a zero byte, its count and its type, and then the
    // numbers of the buckets that are left and of their rows.
    var position = 92
    for _ in 0..<integer(at: 64) { position = bytes[position...].firstIndex(of: 0)! + 1 + 8 + 1 }
    let bucket = integer(at: position)
    bytes.replaceSubrange(position + 8..<position + 12, with: bytes[position..<position + 4])
    #expect(try problem(bytes) == "FILE: found bucket \(bucket) twice, expected different buckets")
  }

  @Test func changedBytesAreRefusedOrGiveLabels() throws {
    for name in ["hierarchical.bin", "pruned.ftz"] {
      let bytes = try contents(name)
      for position in Array(8..<100) + stride(from: 100, to: bytes.count, by: 17) {
        var changed = bytes
        changed[position] ^= 0x81
        try withTemporaryFile(changed, name: "model.bin") { path in
          guard let model = try? FastTextModel(path) else { return }
          let labels = model.mostProbable(5, for: "the tea 🦉").map(\.label)
          #expect(Set(labels).isSubset(of: model.labels), "\(name), byte \(position)")
        }
      }
    }
  }
}
