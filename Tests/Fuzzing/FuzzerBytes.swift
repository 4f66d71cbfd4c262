/// Takes the bytes of the fuzzer apart from left to right. Beyond their end there are zeros.
struct FuzzerBytes {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> Int { Int(rest.popFirst() ?? 0) }

  /// A number in 0..<`bound`, from two bytes.
  mutating func number(below bound: Int) -> Int { (byte() << 8 | byte()) % bound }

  /// The next bytes, so many if there are.
  mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// All that is left.
  mutating func remaining() -> ArraySlice<UInt8> { bytes(rest.count) }
}
