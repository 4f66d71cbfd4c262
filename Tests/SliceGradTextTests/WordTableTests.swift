import Testing

@testable import SliceGradText

@Suite struct WordTableTests {
  @Test func wordsAreNumberedInTheOrderOfTheirFirstAppearance() {
    var table = WordTable()
    let words: [[UInt32]] = [[97], [98, 97], [97], [], [97, 98], [98, 97], []]
    #expect(words.map { table.number(of: $0[...]) } == [0, 1, 0, 2, 3, 1, 2])
    #expect((0..<table.count).map { Array(table[$0]) } == [[97], [98, 97], [], [97, 98]])
  }

  @Test func knownWordsHaveTheirNumbers() {
    var table = WordTable()
    for word in [[97], [98, 97], []] as [[UInt32]] { _ = table.number(of: word[...]) }
    #expect(
      ([[], [97], [98, 97], [98], [97, 98]] as [[UInt32]]).map { table.known($0[...]) } == [2, 0, 1, nil, nil])
    #expect(table.count == 3 && table.hash(of: 1) == NGramEncoder.hash(of: [98, 97]))
  }

  @Test func tablesOfTheSameWordsInTheSameOrderAreEqual() {
    func table(_ words: [[UInt32]]) -> WordTable {
      var table = WordTable()
      for word in words { _ = table.number(of: word[...]) }
      return table
    }
    #expect(table([[97], [98, 99]]) == table([[97], [98, 99], [97]]))
    #expect(table([[97], [98, 99]]) != table([[97, 98], [99]]))
    #expect(table([[97], [98]]) != table([[98], [97]]))
  }

  /// More words than the table has places for at first, so that it grows, with places that several of them want.
  @Test func manyWordsKeepTheirNumbers() {
    var (table, numbers) = (WordTable(), [[UInt32]: Int32]())
    var random = RandomText(seed: 31)
    for _ in 0..<6000 {
      let word = (0..<random.integer(1...3)).map { _ in UInt32(random.integer(97...122)) }
      let number = numbers[word] ?? Int32(numbers.count)
      numbers[word] = number
      #expect(table.number(of: word[...]) == number)
    }
    #expect(table.count == numbers.count && numbers.count > 1000)
    for number in 0..<table.count { #expect(numbers[Array(table[number])] == Int32(number)) }
  }
}
