import Foundation

/// A value of JSON as it stands in a text, with what a decoder to Swift's dictionaries would drop: keys that stand
/// twice and the differences between names that Swift's strings take for equal.
enum JSONValue {
  case object([(key: String, value: JSONValue)])
  case list([JSONValue])
  case string(String)
  /// A whole number from 0.
  case number(Int)
  case null
  /// Another number, true or false.
  case other

  /// The value of a whole text; nil if it isn't JSON.
  ///
  /// - Complexity: O(bytes).
  init?(_ text: Data) {
    guard String(data: text, encoding: .utf8) != nil else { return nil }
    var reader = JSONReader(bytes: Array(text))
    guard let value = try? reader.value(depth: 0), reader.next == nil else { return nil }
    self = value
  }
}

/// Takes JSON apart from left to right.
private struct JSONReader {
  struct NotJSON: Error {}

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Objects and lists may be this deep in one another, so that no recursion overflows the stack.
  private static let deepest = 128

  /// The next byte that isn't white space; nil at the end.
  var next: UInt8? {
    mutating get {
      while position < bytes.count, isSpace(bytes[position]) { position += 1 }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  mutating func value(depth: Int) throws(NotJSON) -> JSONValue {
    guard depth < Self.deepest else { throw NotJSON() }
    switch next {
    case UInt8(ascii: "{"):
      var members: [(key: String, value: JSONValue)] = []
      try forEachPart(endingIn: UInt8(ascii: "}")) { reader throws(NotJSON) in
        let key = try reader.string()
        guard reader.next == UInt8(ascii: ":") else { throw NotJSON() }
        reader.position += 1
        members.append((key, try reader.value(depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try forEachPart(endingIn: UInt8(ascii: "]")) { reader throws(NotJSON) in
        values.append(try reader.value(depth: depth + 1))
      }
      return .list(values)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  /// Reads what stands between brackets, with commas between the parts.
  private mutating func forEachPart(
    endingIn end: UInt8, _ part: (inout JSONReader) throws(NotJSON) -> Void
  ) throws(NotJSON) {
    position += 1
    var isFirst = true
    while next != end {
      guard isFirst || next == UInt8(ascii: ",") else { throw NotJSON() }
      if !isFirst { position += 1 }
      try part(&self)
      isFirst = false
    }
    position += 1
  }

  private mutating func string() throws(NotJSON) -> String {
    guard next == UInt8(ascii: "\"") else { throw NotJSON() }
    let start = position
    var hasEscapes = false
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] >= 0x20 else { throw NotJSON() }
      hasEscapes = hasEscapes || bytes[position] == UInt8(ascii: "\\")
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard position < bytes.count else { throw NotJSON() }
    position += 1
    guard hasEscapes else { return String(decoding: bytes[start + 1..<position - 1], as: UTF8.self) }
    do {
      return try JSONDecoder().decode(String.self, from: Data(bytes[start..<position]))
    } catch {
      throw NotJSON()
    }
  }

  /// A number, true, false or null.
  private mutating func word() throws(NotJSON) -> JSONValue {
    let start = position
    while position < bytes.count, !isSpace(bytes[position]), !",:]}".utf8.contains(bytes[position]) { position += 1 }
    let word = bytes[start..<position]
    switch String(decoding: word, as: UTF8.self) {
    case "null": return .null
    case "true", "false": return .other
    case let text:
      guard word.isNumber else { throw NotJSON() }
      return word.first == UInt8(ascii: "-") ? .other : Int(text).map { .number($0) } ?? .other
    }
  }
}

extension ArraySlice<UInt8> {
  /// Whether this is a number as JSON writes them: `-0.5E+3`, but neither `01` nor `.5`.
  fileprivate var isNumber: Bool {
    var rest = self
    rest.drop("-")
    let whole = rest.takeDigits()
    guard whole.count == 1 || whole.first ?? 0 > UInt8(ascii: "0") else { return false }
    if rest.drop(".") && rest.takeDigits().isEmpty { return false }
    if rest.drop("eE") {
      rest.drop("+-")
      if rest.takeDigits().isEmpty { return false }
    }
    return rest.isEmpty
  }

  /// Takes the digits away with which this begins.
  private mutating func takeDigits() -> ArraySlice {
    defer { self = drop(while: isDigit) }
    return prefix(while: isDigit)
  }

  /// Takes the first byte away if it is one of these characters. Returns whether it was.
  @discardableResult
  private mutating func drop(_ characters: String) -> Bool {
    guard let first, characters.utf8.contains(first) else { return false }
    removeFirst()
    return true
  }
}

private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
