/// The fields of a line: what lies between spaces. One space or several separate them; those at both ends are left
/// out.
///
/// U+0020 alone is a space here; others, such as U+00A0, are part of a word. The line must outlive the fields.
struct LineFields: IteratorProtocol {
  private let line: UnsafeBufferPointer<UInt8>
  private var position = 0

  static let space = UInt8(ascii: " ")

  init(_ line: UnsafeBufferPointer<UInt8>) { self.line = line }

  /// The next field, or `nil` after the last one.
  @inline(__always)
  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    while position < line.count && line[position] == Self.space { position += 1 }
    let start = position
    while position < line.count && line[position] != Self.space { position += 1 }
    return start == position ? nil : UnsafeBufferPointer(rebasing: line[start..<position])
  }

  /// The number of fields in the line. O(length), but many bytes at a time: it is a fraction of going through them.
  static func count(in line: UnsafeBufferPointer<UInt8>) -> Int {
    guard let first = line.first else { return 0 }
    var count = first == space ? 0 : 1
    for position in 1..<line.count where (line[position] != space) && (line[position - 1] == space) { count += 1 }
    return count
  }
}
