import Testing

@testable import SliceGradText

@Suite struct WordTableTests {
  @Test func wordsAreNumberedInTheOrderOfTheirFirstAppearance() {
    var table = WordTable()
    let words: [[UInt32]] = [[97], [98, 97], [97], [], [97, 98], [98, 97], []]
    #expect(words.map { table.number(of: $0[...]) } == [0, 1, 0, 2, 3, 1, 2])
    #expect(table.words.map { Array($0.scalars) } == [[97], [98, 97], [], [97, 98]])
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
    #expect(table.words.count == numbers.count && numbers.count > 1000)
    for (number, word) in table.words.enumerated() { #expect(numbers[Array(word.scalars)] == Int32(number)) }
  }
}
