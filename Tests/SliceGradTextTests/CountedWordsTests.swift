import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

@Suite struct CountedWordsTests {
  /// Against a plain loop over each text, for any number of parts.
  @Test(arguments: [1, 2, 3, 8, 60]) func eachWordOfATextOnceWithItsCount(partCount: Int) {
    var random = RandomText(seed: 5)
    let texts = ["to be or not to be", "", "be"] + random.texts(50)
    let numbered = NumberedWords(of: texts)
    let counted = CountedWords(of: numbered, partCount: partCount)
    #expect(counted.textCount == texts.count)
    for text in texts.indices {
      let all = Array(numbered.numbers[numbered.splits[text]..<numbered.splits[text + 1]])
      let different = all.indices.filter { !all[..<$0].contains(all[$0]) }.map { all[$0] }
      let places = counted.places(of: text)
      #expect(Array(counted.words[places]) == different)
      #expect(counted.counts[places].map { Int($0) } == different.map { word in all.count { $0 == word } })
    }
    #expect(counted.words.prefix(4) == [0, 1, 2, 3] && counted.counts.prefix(4) == [2, 2, 1, 1])
  }

  @Test func noTextOrNoWordTwice() {
    #expect(CountedWords(of: NumberedWords(of: [])).textCount == 0)
    #expect(CountedWords(of: NumberedWords(of: ["to be", "be"])).counts == [1, 1, 1])
  }
}
