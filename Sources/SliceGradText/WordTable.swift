/// The different words among many, numbered in the order of their first appearance.
///
/// It is a hash table with linear probing, at most half full, of numbers alone. Words with other hashes are told apart
/// without a look at their scalars, so that finding a word reads few places in memory.
struct WordTable {
  /// The different words in the order of their numbers, each in memory of its own.
  private(set) var words: [Word] = []
  private var hashes: [UInt64] = []
  /// Numbers of words, −1 where there is none. There are a power of two of them.
  private var places: [Int32] = Array(repeating: -1, count: 64)

  /// The number of a word, which is the next one if the word is new.
  ///
  /// - Complexity: O(length of the word), amortized.
  mutating func number(of word: ArraySlice<UInt32>) -> Int32 {
    let hash = NGramEncoder.hash(of: word)
    var place = firstPlace(of: hash)
    while places[place] >= 0 {
      let number = Int(places[place])
      if hashes[number] == hash && words[number].scalars == word { return places[place] }
      place = (place + 1) & (places.count - 1)
    }
    let number = Int32(words.count)
    places[place] = number
    words.append(Word(scalars: ArraySlice(Array(word))))
    hashes.append(hash)
    if 2 * words.count > places.count { grow() }
    return number
  }

  private func firstPlace(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (places.count - 1) }

  private mutating func grow() {
    places = Array(repeating: -1, count: 2 * places.count)
    for (number, hash) in hashes.enumerated() {
      var place = firstPlace(of: hash)
      while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
      places[place] = Int32(number)
    }
  }
}
