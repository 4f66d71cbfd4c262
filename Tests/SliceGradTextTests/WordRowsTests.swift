import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct WordRowsTests {
  /// Against the rows of a text that is this word alone.
  @Test(arguments: [1, 2, 3, 8]) func rowsOfEachWordAlone(partCount: Int) {
    var random = RandomText(seed: 6)
    let texts = random.texts(40)
    let features = NGramFeatures(of: texts.prefix(20), NGramConfiguration(characterNGrams: 2...4, buckets: 1000))
    let words = NumberedWords(of: texts).words
    let rows = WordRows(of: words, features: features, partCount: partCount)
    #expect(rows.ofWords.count == words.count && rows.splits.count == words.count + 1)
    #expect(rows.ofWords.contains(-1) && rows.ofWords.contains { $0 >= 0 })
    for word in 0..<words.count {
      let expected = features.rows(of: String(scalars: words[word]))
      let own = rows.ofWords[word] < 0 ? [] : [rows.ofWords[word]]
      #expect(own + rows.ofCharacters[rows.splits[word]..<rows.splits[word + 1]] == expected)
      #expect(rows.count(of: word) == expected.count)
    }
    let others = rows.mappingNGrams { 2 * $0 }
    #expect(others.ofWords == rows.ofWords && others.splits == rows.splits)
    #expect(others.ofCharacters == rows.ofCharacters.map { 2 * $0 })
  }
}
