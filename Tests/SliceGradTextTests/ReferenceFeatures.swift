@testable import SliceGradText

/// Tokens and n-grams of a text as Strings: slow, and plain enough to be believed.
enum ReferenceFeatures {
  static func tokens(of text: String, foldsCase: Bool = true) -> [String] {
    var spaced = ""
    for scalar in (foldsCase ? text.lowercased() : text).unicodeScalars {
      let character = Character(scalar)
      let isMark = character.isPunctuation || character.isSymbol
      spaced.unicodeScalars += Array((isMark ? " \(scalar) " : "\(scalar)").unicodeScalars)
    }
    return spaced.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
  }

  /// The n-grams of 2...`longest` words.
  static func wordNGrams(of tokens: [String], longest: Int) -> [[String]] {
    (2...max(longest, 2)).filter { $0 <= longest }.flatMap { length in
      tokens.indices.filter { $0 + length <= tokens.count }.map { Array(tokens[$0..<($0 + length)]) }
    }
  }

  /// The n-grams of `<word>`, or those of `<word><next>…` if they span words, but not the marks themselves.
  static func characterNGrams(of words: [String], lengths: ClosedRange<Int>) -> [String] {
    let marked = words.flatMap { Array("<\($0)>".unicodeScalars) }
    let ends = words.reduce(into: [0]) { ends, word in ends.append(ends.last! + word.unicodeScalars.count + 2) }
    let marks = Set(ends.dropLast() + ends.dropFirst().map { $0 - 1 })
    let places = lengths.flatMap { length in
      marked.indices.map { $0..<($0 + length) }.filter { $0.upperBound <= marked.count }
    }
    return places.filter { $0.count > 1 || !marks.contains($0.lowerBound) }.map { place in
      var nGram = ""
      nGram.unicodeScalars += Array(marked[place])
      return nGram
    }
  }

  /// The rows of the text, sorted.
  static func rows(of text: String, words: [String], _ configuration: NGramConfiguration) -> [Int32] {
    let tokens = tokens(of: text, foldsCase: configuration.foldsCase)
    func row(_ hash: UInt64) -> Int32 {
      Int32(words.count) + Int32(UInt64(configuration.buckets).multipliedFullWidth(by: hash).high)
    }
    let wordRows = tokens.compactMap { token in
      words.firstIndex { $0.unicodeScalars.elementsEqual(token.unicodeScalars) }.map(Int32.init)
    }
    let wordNGramRows = wordNGrams(of: tokens, longest: configuration.wordNGrams).map { nGram in
      row(hash(nGram.map { word in hash(word.unicodeScalars.map { UInt64($0.value) }) }))
    }
    let characterRows = configuration.characterNGrams.map { lengths in
      let runs = configuration.spansWords ? [tokens] : tokens.map { [$0] }
      return runs.flatMap { characterNGrams(of: $0, lengths: lengths) }.map { nGram in
        row(hash(nGram.unicodeScalars.map { UInt64($0.value) }))
      }
    }
    return (wordRows + wordNGramRows + (characterRows ?? [])).sorted()
  }

  /// The published scheme of `StableHash`, written out again.
  private static func hash(_ values: [UInt64]) -> UInt64 {
    values.reduce(0x9E37_79B9_7F4A_7C15) { state, value in
      let product = (state ^ value).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
      return product.high ^ product.low
    }
  }
}
