import Testing

@testable import SliceGradText

@Suite struct NumberedWordsTests {
  private let texts = {
    var random = RandomText(seed: 32)
    return ["", " "] + random.texts(200) + [""] + random.texts(30) + ["to be or not to be"]
  }()

  @Test(arguments: [1, 2, 3, 8, 1000], [true, false])
  func anyPartsGiveTheTokensOfTheReference(partCount: Int, foldsCase: Bool) {
    let numbered = NumberedWords(of: texts, foldsCase: foldsCase, partCount: partCount)
    let words = (0..<numbered.words.count).map { String(scalars: numbered.words[$0]) }
    #expect(numbered.splits.count == texts.count + 1)
    for (text, (first, end)) in zip(texts, zip(numbered.splits, numbered.splits.dropFirst())) {
      let tokens = numbered.numbers[first..<end].map { Array(words[Int($0)].unicodeScalars) }
      #expect(tokens == ReferenceFeatures.tokens(of: text, foldsCase: foldsCase).map { Array($0.unicodeScalars) })
    }
  }

  @Test(arguments: [1, 2, 3, 8, 1000]) func wordsAreInTheOrderOfTheirFirstAppearance(partCount: Int) {
    let numbered = NumberedWords(of: texts, foldsCase: true, partCount: partCount)
    var seen: Int32 = 0
    for number in numbered.numbers {
      #expect(number <= seen)
      if number == seen { seen += 1 }
    }
    #expect(Int(seen) == numbered.words.count)
  }

  @Test(arguments: [true, false]) func vocabulariesAreThoseOfTheTexts(foldsCase: Bool) {
    let texts = texts + ["To be", "OR not"]
    let numbered = NumberedWords(of: texts, foldsCase: foldsCase)
    #expect(numbered.textCount == texts.count && numbered.foldsCase == foldsCase)
    for count in 1...3 {
      #expect(
        WordVocabulary(of: numbered, minimumCount: count)
          == WordVocabulary(of: texts, minimumCount: count, foldsCase: foldsCase))
    }
  }

  @Test(arguments: [1, 4]) func noTextsHaveNoWords(partCount: Int) {
    let numbered = NumberedWords(of: [], foldsCase: true, partCount: partCount)
    #expect(numbered.words.count == 0 && numbered.numbers.isEmpty && numbered.splits == [0])
  }
}
