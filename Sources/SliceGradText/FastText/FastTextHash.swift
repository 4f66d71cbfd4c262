/// The hash that gives words and n-grams their places in fastText: FNV-1a with 32 bits, except that a byte of 128 or
/// more is taken for a negative number, so that its sign fills the upper bits.
///
/// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
struct FastTextHash {
  private(set) var value: UInt32 = 2_166_136_261

  mutating func combine(_ byte: UInt8) {
    value = (value ^ UInt32(bitPattern: Int32(Int8(bitPattern: byte)))) &* 16_777_619
  }

  static func value(of bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(into: Self()) { $0.combine($1) }.value
  }
}
