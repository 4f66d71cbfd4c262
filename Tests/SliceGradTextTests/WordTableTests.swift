import Testing

@testable import SliceGradText

@Suite struct WordTableTests {
  private func scalars(_ word: String) -> ArraySlice<UInt32> {
    word.unicodeScalars.map(\.value)[...]
  }

  @Test(arguments: [false, true])
  func agreesWithADictionary(allHashesCollide: Bool) {
    var random = RandomText(seed: 4)
    var table = WordTable()
    var expected: [[UInt32]: Int32] = [:]
    func hash(_ word: ArraySlice<UInt32>) -> UInt64 { allHashesCollide ? 7 : WordTable.hash(word) }

    for text in random.texts(1000) {
      let word = scalars(String(text.prefix(3)))
      #expect(table.number(of: word, hash: hash(word)) == expected[Array(word)])
      let number = expected[Array(word)] ?? Int32(expected.count)
      expected[Array(word)] = number
      #expect(table.insert(word, hash: hash(word)) == number)
      #expect(table.number(of: word, hash: hash(word)) == number)
    }
    #expect(table.count == expected.count)
    #expect(expected.count > 500)
    for (word, number) in expected {
      #expect(table[Int(number)] == word[...])
      #expect(table.number(of: word[...], hash: hash(word[...])) == number)
    }
  }

  @Test func aWordIsNotTheBeginningOfAnother() {
    var table = WordTable()
    for (number, word) in ["ab", "a", "abc", "", "b"].enumerated() {
      #expect(table.insert(scalars(word), hash: 1) == Int32(number))
    }
    #expect(table.number(of: scalars("c"), hash: 1) == nil)
    #expect(table.number(of: scalars("ab"), hash: 2) == nil)
  }

  /// Pieces of a larger array have indices of their own.
  @Test func wordsMayBeSlices() {
    let text = scalars("xaxbxax")
    var table = WordTable()
    let numbers = [text[1..<2], text[3..<4], text[5..<6], text[0..<3], text[4..<7]].map {
      table.insert($0, hash: WordTable.hash($0))
    }
    #expect(numbers == [0, 1, 0, 2, 2])
  }
}
