/// The different words among many, numbered in the order of their first appearance.
///
/// It is a hash table with linear probing, at most half full, of numbers alone. Words with other hashes are told apart
/// without a look at their scalars, so that finding a word reads few places in memory. The words are in one array, as
/// an array each would take several times their memory.
struct WordTable: Sendable {
  /// The Unicode scalars of the words in the order of their numbers, one word after another.
  private var scalars: [UInt32] = []
  /// Where the words begin and end, `[words + 1]`.
  private var splits = [0]
  private var hashes: [UInt64] = []
  /// Numbers of words, −1 where there is none. There are a power of two of them.
  private var places: [Int32] = Array(repeating: -1, count: 64)

  /// How many words there are.
  var count: Int { hashes.count }

  /// The Unicode scalars of the word with this number.
  subscript(number: Int) -> ArraySlice<UInt32> { scalars[splits[number]..<splits[number + 1]] }

  /// The hash of the word with this number, of which the hashes of its n-grams with others are made.
  func hash(of number: Int) -> UInt64 { hashes[number] }

  /// The number of a word that is in the table, or `nil`.
  ///
  /// - Complexity: O(length of the word).
  func known(_ word: ArraySlice<UInt32>) -> Int32? {
    let number = places[place(of: word, hash: NGramEncoder.hash(of: word))]
    return number < 0 ? nil : number
  }

  /// The number of a word, which is the next one if the word is new.
  ///
  /// - Complexity: O(length of the word), amortized.
  mutating func number(of word: ArraySlice<UInt32>) -> Int32 {
    let hash = NGramEncoder.hash(of: word)
    let place = place(of: word, hash: hash)
    if places[place] >= 0 { return places[place] }
    let number = Int32(count)
    places[place] = number
    scalars += word
    splits.append(scalars.count)
    hashes.append(hash)
    if 2 * count > places.count { grow() }
    return number
  }

  /// The place of a word, or the one that it would have.
  private func place(of word: ArraySlice<UInt32>, hash: UInt64) -> Int {
    var place = firstPlace(of: hash)
    while places[place] >= 0 {
      let number = Int(places[place])
      if hashes[number] == hash && self[number] == word { break }
      place = next(place)
    }
    return place
  }

  private func firstPlace(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (places.count - 1) }
  private func next(_ place: Int) -> Int { (place + 1) & (places.count - 1) }

  private mutating func grow() {
    places = Array(repeating: -1, count: 2 * places.count)
    for (number, hash) in hashes.enumerated() {
      var place = firstPlace(of: hash)
      while places[place] >= 0 { place = next(place) }
      places[place] = Int32(number)
    }
  }
}

extension WordTable: Equatable {
  /// Whether both have the same words in the same order.
  static func == (left: WordTable, right: WordTable) -> Bool {
    left.splits == right.splits && left.scalars == right.scalars
  }
}
