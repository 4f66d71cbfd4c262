import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradText

/// Reads a large file and prints the speed, which means something in a release build only.
@Suite(.serialized) struct WordVectorSpeedTests {
  #if DEBUG
    private static let wordCount = 2_000
  #else
    private static let wordCount = 50_000
  #endif
  private static let columns = 100

  /// Numbers of 6 significant digits, as word2vec, fastText and GloVe write them.
  private static let text: Data = {
    var generator = RandomGenerator(seed: 25)
    let numbers = Tensor<Double>(normal: [wordCount, columns], using: &generator).elements
    var text = "\(wordCount) \(columns)\n"
    for row in 0..<wordCount {
      text += "word\(row)"
      for number in numbers[row * columns..<(row + 1) * columns] { text += " \((number * 1e5).rounded() / 1e5)" }
      text += "\n"
    }
    return Data(text.utf8)
  }()

  @Test(.timeLimit(.minutes(1)), arguments: [1, 10])
  func aLargeFile(oneWordIn: Int) throws {
    try withTemporaryFile(Self.text) { path in
      let words = (0..<Self.wordCount).map { $0 % oneWordIn == 0 ? "word\($0)" : "unknown\($0)" }
      let vocabulary = try #require(WordVocabulary(words: words))
      var table = EmbeddingTable(Tensor<Float>(zeros: [Self.wordCount, Self.columns]))
      var coverage: WordVectorCoverage?
      let duration = try ContinuousClock().measure {
        coverage = try WordVectorFile(path).fill(&table, for: vocabulary)
      }
      #expect(coverage?.foundRows.count == Self.wordCount / oneWordIn)
      #expect((0..<Self.columns).allSatisfy { table.value[0, $0] != 0 })
      let megabytesPerSecond = Double(Self.text.count) / 1e6 / (duration / .seconds(1))
      print("\(coverage!) read at \(Int(megabytesPerSecond)) MB/s, \(Self.text.count) bytes in \(duration)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aWholeFileAndBack() throws {
    try withTemporaryFile(Self.text) { path in
      let file = WordVectorFile(path)
      let clock = ContinuousClock()
      var read: (vocabulary: WordVocabulary, table: EmbeddingTable<Float>)?
      let reading = try clock.measure { read = try file.contents() }
      let (vocabulary, table) = try #require(read)
      let writing = try clock.measure { try file.write(table, for: vocabulary) }
      #expect(try file.contents().table == table)
      print("\(vocabulary.count) words read as a whole in \(reading), written in \(writing)")
    }
  }
}
