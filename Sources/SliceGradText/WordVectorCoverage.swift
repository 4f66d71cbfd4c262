/// Which words of a vocabulary a file of word vectors has.
///
///     let vocabulary = WordVocabulary(of: ["to be or not to be"])
///     var table = EmbeddingTable(Tensor<Float>(zeros: [4, 2]))
///     let coverage = try WordVectorFile("words.vec").fill(&table, for: vocabulary)
///     print(coverage, coverage.missingRows.map { vocabulary.words[Int($0)] })  // 3 of 4 words ["not"]
public struct WordVectorCoverage: Sendable, Hashable, CustomStringConvertible {
  /// The rows of the words that the file has, in ascending order.
  public let foundRows: [Int32]
  /// The rows of the vocabulary's other words, in ascending order.
  public let missingRows: [Int32]
  /// How many of the words that were found are in the file more than once. The first vector of each counts.
  public let repeatedCount: Int

  /// The coverage by a file, where `isFound` says for each row of the vocabulary whether the file has its word.
  init(isFound: [Bool], repeatedCount: Int = 0) {
    self.repeatedCount = repeatedCount
    foundRows = isFound.indices.filter { isFound[$0] }.map(Int32.init)
    missingRows = isFound.indices.filter { !isFound[$0] }.map(Int32.init)
  }

  /// The fraction of the vocabulary's words that the file has, 0...1; 1 if there are no words.
  public var fraction: Double {
    let wordCount = foundRows.count + missingRows.count
    return wordCount == 0 ? 1 : Double(foundRows.count) / Double(wordCount)
  }

  public var description: String {
    "\(foundRows.count) of \(foundRows.count + missingRows.count) words"
      + (repeatedCount == 0 ? "" : " (\(repeatedCount) of them repeated)")
  }
}
