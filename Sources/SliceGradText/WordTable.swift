/// Distinct words numbered from 0 in the order of their insertion: a hash table with open addressing.
///
/// The words lie one after the other in one array, so that neither a look-up nor an insertion makes a String.
struct WordTable: Sendable, Equatable {
  /// All words, one after the other, as Unicode scalar values.
  private var scalars: [UInt32] = []
  /// Where each word begins in `scalars`, and where the last one ends.
  private var boundaries = [0]
  private var hashes: [UInt64] = []
  /// The numbers of the words, each at the first place from its hash on that was free. The places are a power of two.
  private var slots = [Int32](repeating: Self.emptySlot, count: 16)

  private static let emptySlot: Int32 = -1

  var count: Int { hashes.count }

  /// The word with this number, 0..<`count`.
  subscript(number: Int) -> ArraySlice<UInt32> {
    scalars[boundaries[number]..<boundaries[number + 1]]
  }

  /// The hash by which a word is found.
  static func hash(_ word: ArraySlice<UInt32>) -> UInt64 {
    var hash = StableHash()
    for scalar in word { hash.combine(UInt64(scalar)) }
    return hash.value
  }

  /// The number of `word`, or `nil` when it is not in the table.
  ///
  /// - Complexity: O(length of the word)
  func number(of word: ArraySlice<UInt32>, hash: UInt64) -> Int32? {
    let number = slots[slot(of: word, hash: hash)]
    return number == Self.emptySlot ? nil : number
  }

  /// The number of `word`, which is inserted if it is new.
  ///
  /// - Complexity: O(length of the word), amortized
  mutating func insert(_ word: ArraySlice<UInt32>, hash: UInt64) -> Int32 {
    let place = slot(of: word, hash: hash)
    guard slots[place] == Self.emptySlot else { return slots[place] }

    let number = Int32(count)
    slots[place] = number
    scalars += word
    boundaries.append(scalars.count)
    hashes.append(hash)
    if count * 2 > slots.count { growSlots() }
    return number
  }

  /// The place of `word` in `slots`, or the empty one where it would be inserted.
  private func slot(of word: ArraySlice<UInt32>, hash: UInt64) -> Int {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let number = Int(slots[place])
      if number == Self.emptySlot || hashes[number] == hash && isWord(number, word) { return place }
      place = (place + 1) & mask
    }
  }

  /// Whether the word with this number is `word`; as `self[number] == word`, without counting references.
  private func isWord(_ number: Int, _ word: ArraySlice<UInt32>) -> Bool {
    let start = boundaries[number]
    guard boundaries[number + 1] - start == word.count else { return false }
    return word.indices.allSatisfy { scalars[start + $0 - word.startIndex] == word[$0] }
  }

  private mutating func growSlots() {
    let mask = slots.count * 2 - 1
    slots = [Int32](repeating: Self.emptySlot, count: mask + 1)
    for (number, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & mask
      while slots[place] != Self.emptySlot { place = (place + 1) & mask }
      slots[place] = Int32(number)
    }
  }
}
