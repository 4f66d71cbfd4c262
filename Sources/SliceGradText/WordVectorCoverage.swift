/// Which words of a vocabulary a file of word vectors has.
///
///     print(coverage)                                           // 3 of 5 words
///     coverage.missingRows.map { vocabulary.words[Int($0)] }    // ["Ouagadougou", "tmesis"]
public struct WordVectorCoverage: Sendable, Hashable, CustomStringConvertible {
  /// The rows of the words that the file has, in ascending order.
  public let foundRows: [Int32]
  /// The rows of the vocabulary's other words, in ascending order.
  public let missingRows: [Int32]
  /// How many of the words that were found are in the file more than once. The first vector of each counts.
  public let repeatedCount: Int

  /// The coverage where `isFound` says for each row of the vocabulary whether the file has its word.
  init(isFound: [Bool], repeatedCount: Int = 0) {
    self.repeatedCount = repeatedCount
    foundRows = isFound.indices.filter { isFound[$0] }.map(Int32.init)
    missingRows = isFound.indices.filter { !isFound[$0] }.map(Int32.init)
  }

  /// The part of the vocabulary's words that the file has, 0...1; 1 when there are no words.
  public var fraction: Double {
    let wordCount = foundRows.count + missingRows.count
    return wordCount == 0 ? 1 : Double(foundRows.count) / Double(wordCount)
  }

  public var description: String {
    "\(foundRows.count) of \(foundRows.count + missingRows.count) words"
      + (repeatedCount == 0 ? "" : " (\(repeatedCount) of them repeated)")
  }
}
