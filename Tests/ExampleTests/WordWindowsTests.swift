import Foundation
import SliceGrad
import SliceGradText
import TestSupport
import Testing

@testable import WordVectors

/// How a text becomes windows.
struct WordWindowsTests {
  private static func text(_ lines: [String], minimumCount: Int = 1) throws -> TrainingText {
    try TrainingText(lines, minimumCount: minimumCount, source: "text")
  }

  private static func allWindows(_ source: inout WindowSource, seed: UInt64 = 1) -> [(center: Int32, contexts: [Int32])]
  {
    var generator = RandomGenerator(seed: seed)
    var all: [(Int32, [Int32])] = []
    while let windows = source.next(7, using: &generator) {
      let splits = windows.contexts.rowSplits.map(Int.init)
      for (i, center) in windows.centers.enumerated() {
        all.append((center, Array(windows.contexts.values[splits[i]..<splits[i + 1]])))
      }
    }
    return all
  }

  @Test("rare words are left out, and the others are counted")
  func countsWords() throws {
    let text = try Self.text(["b a a", "a c B", "a"], minimumCount: 2)
    #expect(text.vocabulary.words == ["a", "b"])
    #expect(text.counts == [4, 2])
    #expect(text.lines == RaggedIndices([[1, 0, 0], [0, 1], [0]]))
  }

  /// The words of the lines are numbered in their order, so that a window is a run of numbers.
  @Test("a window has 1 to 3 words to either side, each as often, up to the ends of the line")
  func reaches() throws {
    let lines = (0..<30).map { line in (0..<40).map { "w\(40 * line + $0)" }.joined(separator: " ") }
    var source = WindowSource(try Self.text(lines), window: 3, sample: 1)
    for seed in UInt64(1)...2 {
      let windows = Self.allWindows(&source, seed: seed)
      #expect(windows.map(\.center) == Array(0..<1200))
      var reaches = [0, 0, 0, 0]
      for (center, contexts) in windows {
        let line = center / 40 * 40
        let reach = contexts.map { abs($0 - center) }.max()!
        let expected = max(line, center - reach)...min(line + 39, center + reach)
        #expect(contexts == expected.filter { $0 != center })
        if 3...36 ~= center % 40 { reaches[Int(reach)] += 1 }
      }
      // Each of the three with a third of 1020 words, to 4 standard deviations.
      #expect(reaches[0] == 0 && reaches[1...].allSatisfy { abs($0 - 340) < 60 }, "\(reaches)")
    }
    #expect(source.wordsRead == 2400)
  }

  @Test("a line of one word has no windows, and the text goes on behind it")
  func shortLines() throws {
    var source = WindowSource(try Self.text(["a", "", "b c", "d"]), window: 5, sample: 1)
    #expect(Self.allWindows(&source).map(\.center) == [1, 2])
    #expect(Self.allWindows(&source).map(\.center) == [1, 2])
  }

  /// By word2vec's formula: √100 + 1 = 11 hundredths of the words that are a hundredth of the text.
  @Test(arguments: [(1e-4, 1.0), (1e-3, 0.4162277660168379), (0.01, 0.11), (1, 0.0101)] as [(Double, Double)])
  func probabilityOfKeeping(share: Double, probability: Double) {
    let kept = min(1, WindowSource.probability(ofKeeping: share, sample: 1e-4))
    #expect(abs(kept - probability) < 1e-12)
  }

  @Test("frequent words are kept as often as the formula says, less frequent ones more often")
  func subsampling() throws {
    let line = (["a", "a", "a", "a", "b"] as [String]).joined(separator: " ")
    let lines = Array(repeating: line, count: 2000)
    let source = WindowSource(try Self.text(lines), window: 5, sample: 0.05)
    // a is 16 times as frequent as the sample, b 4 times: (√16 + 1) / 16 and (√4 + 1) / 4 of them are kept.
    let (a, b) = (0.8 * 0.3125, 0.2 * 0.75)
    #expect(abs(source.largestShare - a / (a + b)) < 1e-12)
    var generator = RandomGenerator(seed: 3)
    var (counts, reading) = ([0, 0], source)
    while let windows = reading.next(100, using: &generator) { for word in windows.centers { counts[Int(word)] += 1 } }
    // A line whose other words are all dropped has no window, so a little fewer than 2500 and 1500 are left.
    let alone = 0.3125 * 0.25 * pow(0.6875, 3) * 4  // only one a and no b
    let onlyB = 0.75 * pow(0.6875, 4)
    #expect(abs(Double(counts[0]) - 2000 * (1.25 - alone)) < 180)
    #expect(abs(Double(counts[1]) - 2000 * (0.75 - onlyB)) < 90)
  }

  @Test("a line of 1 MB is cut where there is a space, and none of it is lost")
  func longLines() throws {
    let words = (0..<150_000).map { "é\($0)" }
    try withTemporaryFile("\u{FEFF}" + words.joined(separator: " ") + "\r\nlast") { file in
      let lines = try TextLines(path: file).all()
      #expect(lines.count > 10 && lines.allSatisfy { $0.utf8.count <= 1 << 16 })
      #expect(lines.flatMap { $0.split(separator: " ") } == words.map { $0[...] } + ["last"])
    }
  }
}
