import Foundation
import SliceGradFiles

/// The header of a safetensors file, all of which is right: the tensors follow one another without gaps or overlaps,
/// each as long as its shape and type say, and end where the file ends.
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
    guard let contents = try? JSONDecoder().decode(HeaderContents.self, from: json) else {
      throw error("a header that is not JSON", "a JSON object of tensors")
    }
    if contents.hasMetadata {
      guard let metadata = contents.metadata else {
        throw error("\(Self.metadataKey) of other things than strings", "an object of strings")
      }
      self.metadata = metadata
    }
    for (name, tensor) in contents.tensors.sorted(by: { $0.name < $1.name }) {
      entries.append(try tensor.entry(name, path: path))
    }
    guard keyCount == entries.count * 4 + (contents.hasMetadata ? 1 + metadata.count : 0) else {
      throw error("a header with a name or key that stands twice", "different names")
    }

    // Before the tensor that begins where it does comes an empty one.
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

  /// The number of keys in a JSON text, as far as it is JSON: the colons outside of strings are counted. A decoder
  /// would drop keys that stand twice.
  ///
  /// Throws if there is anything outside of strings that a header has no use for, such as a sign or a fraction.
  private static func keyCount(_ json: Data, path: String) throws(CheckpointError) -> Int {
    var count = 0
    var (isInString, isEscaped) = (false, false)
    for byte in json {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: ":"): count += 1
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"),
        UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
        UInt8(ascii: "\t"):
        break
      default:
        throw CheckpointError(
          path: path, found: "“\(Unicode.Scalar(byte).escaped(asASCII: true))” in the header",
          expected: "objects, lists, strings and whole numbers from 0")
      }
    }
    return count
  }
}

/// The JSON of a header, as far as it could be decoded.
private struct HeaderContents: Decodable {
  var hasMetadata = false
  var metadata: [String: String]?
  var tensors: [(name: String, contents: TensorContents)] = []

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == SafetensorsHeader.metadataKey {
        hasMetadata = true
        metadata = try? container.decode([String: String].self, forKey: key)
      } else {
        tensors.append((key.stringValue, try container.decode(TensorContents.self, forKey: key)))
      }
    }
  }
}

/// The JSON about one tensor, as far as it could be decoded.
private struct TensorContents: Decodable {
  let keys: Set<String>
  let dtype: String?
  let shape: [Int]?
  let offsets: [Int]?

  init(from decoder: any Decoder) throws {
    let container = try? decoder.container(keyedBy: Key.self)
    keys = Set(container?.allKeys.map(\.stringValue) ?? [])
    dtype = try? container?.decode(String.self, forKey: "dtype")
    shape = try? container?.decode([Int].self, forKey: "shape")
    offsets = try? container?.decode([Int].self, forKey: "data_offsets")
  }

  /// What the JSON says, if it is consistent.
  func entry(_ name: String, path: String) throws(CheckpointError) -> SafetensorsEntry {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, tensor: name, found: found, expected: expected)
    }
    guard keys == ["dtype", "shape", "data_offsets"] else {
      let found = keys.isEmpty ? "no keys" : "the keys \(keys.sorted().quoted)"
      throw error(found, "dtype, shape and data_offsets")
    }
    guard let dtype else { throw error("a dtype that is no string", "one such as “F32”") }
    guard let type = SafetensorsType(rawValue: dtype) else {
      throw error("dtype \(dtype.quoted)", "one such as “F32”")
    }
    guard let shape else { throw error("a shape that is no list of dimensions", "one such as [2, 3]") }
    guard let byteCount = type.byteCount(of: shape) else {
      throw error("shape \(shape) of \(dtype)", "a number of bytes that can be counted")
    }
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw error("data_offsets \(offsets.map { "\($0)" } ?? "that are no list of numbers")", "[begin, end]")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw error("\(offsets[1] - offsets[0]) bytes for shape \(shape) of \(dtype)", "\(byteCount)")
    }
    return SafetensorsEntry(name: name, dtype: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }
}

/// Any key of a JSON object.
private struct Key: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init(stringLiteral: String) { stringValue = stringLiteral }
  init?(intValue: Int) { nil }
}
