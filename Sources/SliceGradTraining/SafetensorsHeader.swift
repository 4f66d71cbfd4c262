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
  ///
  /// - Complexity: O(n log n) for n bytes.
  init(_ json: Data, dataByteCount: Int, path: String) throws(CheckpointError) {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, found: found, expected: expected)
    }
    guard json.first == UInt8(ascii: "{") else { throw error("a header that doesn't begin with {", "a JSON object") }
    guard case .object(let members)? = JSONValue(json) else {
      throw error("a header that is not JSON", "a JSON object of tensors")
    }
    try Self.check(members, path: path)
    for (name, value) in members {
      if name == Self.metadataKey {
        metadata = try Self.metadata(value, path: path)
      } else {
        entries.append(try SafetensorsEntry(name, value, path: path))
      }
    }

    // An empty tensor comes before the one that begins at the same byte.
    entries.sort {
      let (left, right) = ($0.byteRange, $1.byteRange)
      return (left.lowerBound, left.upperBound) < (right.lowerBound, right.upperBound)
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

  /// Of keys that Swift's strings take for equal, the metadata have the first.
  private static func metadata(_ value: JSONValue, path: String) throws(CheckpointError) -> [String: String] {
    var metadata: [String: String] = [:]
    if case .null = value { return metadata }
    guard case .object(let members) = value else { throw notStrings(path) }
    try check(members, path: path)
    for (key, value) in members {
      guard let text = value.string else { throw notStrings(path) }
      if metadata[key] == nil { metadata[key] = text }
    }
    return metadata
  }

  private static func notStrings(_ path: String) -> CheckpointError {
    CheckpointError(
      path: path, found: "\(metadataKey) of other things than strings", expected: "an object of strings")
  }

  /// Throws if a key stands twice.
  private static func check(_ members: [(key: String, value: JSONValue)], path: String) throws(CheckpointError) {
    guard members.lazy.map(\.key).areDifferent else { throw notDifferent(path) }
  }

  fileprivate static func notDifferent(_ path: String) -> CheckpointError {
    CheckpointError(path: path, found: "a header with a name or key that stands twice", expected: "different names")
  }
}

extension SafetensorsEntry {
  /// What the JSON says of a tensor; keys besides the three are ignored. Throws if it isn't consistent.
  fileprivate init(_ name: String, _ value: JSONValue, path: String) throws(CheckpointError) {
    func error(_ found: String, _ expected: String) -> CheckpointError {
      CheckpointError(path: path, tensor: name, found: found, expected: expected)
    }
    guard case .object(let members) = value, !members.isEmpty else {
      throw error("no keys", "dtype, shape and data_offsets")
    }
    func member(_ key: String) throws(CheckpointError) -> JSONValue {
      guard let index = members.firstIndex(where: { $0.key == key }) else {
        throw error("the keys \(members.map(\.key).sorted().quoted)", "dtype, shape and data_offsets")
      }
      guard index == members.lastIndex(where: { $0.key == key }) else { throw SafetensorsHeader.notDifferent(path) }
      return members[index].value
    }
    let (dtype, shape, offsets) = (try member("dtype"), try member("shape").numbers, try member("data_offsets").numbers)
    guard let type = dtype.string.flatMap({ SafetensorsType(rawValue: $0) }) else {
      throw error("dtype \(dtype.string.map(\.quoted) ?? "that is no string")", "one such as “F32”")
    }
    guard let shape else {
      throw error("a shape that is no list of dimensions", "one such as [2, 3]")
    }
    guard let byteCount = type.byteCount(of: shape) else {
      throw error("shape \(shape.brief) of \(type.rawValue)", "a number of bytes that can be counted")
    }
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw error("data_offsets \(offsets?.brief ?? "that are no list of numbers")", "[begin, end]")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw error("\(offsets[1] - offsets[0]) bytes for shape \(shape.brief) of \(type.rawValue)", "\(byteCount)")
    }
    self.init(name: name, dtype: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }
}

extension JSONValue {
  fileprivate var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The whole numbers of a list of such.
  fileprivate var numbers: [Int]? {
    guard case .list(let values) = self else { return nil }
    var numbers: [Int] = []
    for value in values {
      guard case .number(let number) = value else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
