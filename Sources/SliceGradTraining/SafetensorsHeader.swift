import Foundation
import SliceGradFiles

/// The header of a safetensors file, checked as a whole: the tensors follow one another without gaps or overlaps, each
/// is as long as its shape and type say, and the last one ends where the file ends.
struct SafetensorsHeader {
  private(set) var metadata: [String: String] = [:]

  /// In the order of the data.
  private(set) var entries: [SafetensorsEntry] = []

  /// The longest header that is accepted, in bytes: 100 MB, the reference implementation's limit.
  static let longest = 100_000_000

  /// The key of the metadata, which no tensor can have.
  static let metadataKey = "__metadata__"

  /// Reads the JSON of a header that `dataByteCount` bytes follow. Throws if anything in it is wrong.
  init(_ json: Data, dataByteCount: Int, path: String) throws(CheckpointError) {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, found: found, expected: expected)
    }
    guard json.first == UInt8(ascii: "{") else { throw error("a header that doesn't begin with {", "a JSON object") }
    let keyCount = try Self.keyCount(json, path: path)
    guard var members = try? JSONDecoder().decode([String: HeaderMember].self, from: json) else {
      throw error("a header that is not JSON", "a JSON object of tensors")
    }
    let description = members.removeValue(forKey: Self.metadataKey)
    if let description {
      metadata = description.values.compactMapValues(\.string)
      guard description.isObject, metadata.count == description.values.count else {
        throw error("\(Self.metadataKey) of other things than strings", "an object of strings")
      }
    }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      entries.append(try member.entry(name, path: path))
    }
    guard keyCount == entries.count * 4 + (description == nil ? 0 : 1 + metadata.count) else {
      throw error("a header with a name or key that stands twice", "different names")
    }

    // An empty tensor comes before the one that begins at the same byte.
    entries.sort {
      let (left, right) = ($0.byteRange, $1.byteRange)
      return (left.lowerBound, left.upperBound, $0.name) < (right.lowerBound, right.upperBound, $1.name)
    }
    var end = 0
    for entry in entries {
      guard entry.byteRange.lowerBound == end else {
        throw CheckpointError(
          path: path, tensor: entry.name, found: "data from byte \(entry.byteRange.lowerBound)",
          expected: "\(end), where the tensor before it ends")
      }
      end = entry.byteRange.upperBound
    }
    guard end == dataByteCount else { throw error("\(dataByteCount) bytes of data", "\(end)") }
  }

  /// The number of keys in a JSON text, provided that it is JSON: the number of colons outside of strings. A decoder
  /// would drop keys that are there twice.
  ///
  /// Throws if there is anything outside of strings that doesn't belong in a header, such as a sign or a fraction.
  private static func keyCount(_ json: Data, path: String) throws(CheckpointError) -> Int {
    var (count, isInString, isEscaped) = (0, false, false)
    for byte in json {
      if byte == UInt8(ascii: "\""), !isEscaped {
        isInString.toggle()
      } else if !isInString, byte == UInt8(ascii: ":") {
        count += 1
      } else if !isInString, !usual.contains(byte) {
        throw CheckpointError(
          path: path, found: "“\(Unicode.Scalar(byte).escaped(asASCII: true))” in the header",
          expected: "objects, lists, strings and whole numbers from 0")
      }
      isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
    }
    return count
  }
}

/// The JSON about one tensor or about the metadata, as far as it could be decoded.
private struct HeaderMember: Decodable {
  var isObject = false
  var values: [String: Value] = [:]

  struct Value: Decodable {
    let string: String?
    let numbers: [Int]?

    init(from decoder: any Decoder) {
      string = try? String(from: decoder)
      numbers = try? [Int](from: decoder)
    }
  }

  init(from decoder: any Decoder) {
    guard let values = try? [String: Value](from: decoder) else { return }
    (self.values, isObject) = (values, true)
  }

  /// What the JSON says of a tensor. Throws if it isn't consistent.
  func entry(_ name: String, path: String) throws(CheckpointError) -> SafetensorsEntry {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, tensor: name, found: found, expected: expected)
    }
    guard Set(values.keys) == ["dtype", "shape", "data_offsets"] else {
      let found = values.isEmpty ? "no keys" : "the keys \(values.keys.sorted().quoted)"
      throw error(found, "dtype, shape and data_offsets")
    }
    let dtype = values["dtype"]?.string
    guard let type = dtype.flatMap({ SafetensorsType(rawValue: $0) }) else {
      throw error("dtype \(dtype.map(\.quoted) ?? "that is no string")", "one such as “F32”")
    }
    guard let shape = values["shape"]?.numbers else {
      throw error("a shape that is no list of dimensions", "one such as [2, 3]")
    }
    guard let byteCount = type.byteCount(of: shape) else {
      throw error("shape \(shape) of \(type.rawValue)", "a number of bytes that can be counted")
    }
    let offsets = values["data_offsets"]?.numbers
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw error("data_offsets \(offsets.map { "\($0)" } ?? "that are no list of numbers")", "[begin, end]")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw error("\(offsets[1] - offsets[0]) bytes for shape \(shape) of \(type.rawValue)", "\(byteCount)")
    }
    return SafetensorsEntry(name: name, dtype: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }
}

/// The characters that a header may have outside of strings, besides colons.
private let usual = Set("{}[],0123456789 \n\r\t".utf8)
