/// A 64-bit hash that is the same in every process, on every platform and in every version.
///
/// Saved models depend on it, because it determines the row of each n-gram. Swift's own `Hasher` differs from run to
/// run. It makes one folded multiplication per value, as Wang Yi's wyhash does:
/// <https://github.com/wangyi-fudan/wyhash>.
package struct StableHash: Equatable {
  package private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  package init() {}

  /// Mixes in `next`. The order of calls matters.
  package mutating func combine(_ next: UInt64) {
    let product = (value ^ next).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    value = product.high ^ product.low
  }

  /// A number in 0..<`bound` for this hash. All are almost equally likely.
  package func reduced(below bound: Int) -> Int {
    Int(value.multipliedFullWidth(by: UInt64(bound)).high)
  }
}
