import Foundation
import SliceGrad

/// Words of a text in their order, and for each one the words around it: what a step learns from.
struct Windows {
  let centers: [Int32]
  let contexts: RaggedIndices
}

/// Goes through a text and hands out windows.
///
/// Frequent words are dropped at random before, so that the windows reach farther. Each window reaches 1 to `window`
/// words to either side, at random and up to the ends of the line: near words count more.
///
/// Source: Mikolov et al., “Distributed Representations of Words and Phrases and their Compositionality” (2013),
/// section 2.3, with the probabilities of word2vec's program.
struct WindowSource {
  private let lines: RaggedIndices
  private let window: UInt64
  /// A word is kept if a random number isn't above this.
  private let thresholds: [UInt64]
  /// The share of the most frequent word, as far as it is kept, in all words that are kept.
  let largestShare: Double
  private var nextLine = 0
  private var line: [Int32] = []
  private var position = 0
  /// How many words of the text were read, with those that were dropped.
  private(set) var wordsRead = 0

  init(_ text: TrainingText, window: Int, sample: Double) {
    lines = text.lines
    self.window = UInt64(window)
    let shares = text.counts.map { Double($0) / Double(text.wordCount) }
    let probabilities = shares.map { min(1, Self.probability(ofKeeping: $0, sample: sample)) }
    thresholds = probabilities.map { $0 < 1 ? UInt64($0 * 0x1p64) : .max }
    let keptShares = zip(shares, probabilities).map { $0 * $1 }
    largestShare = keptShares.max()! / keptShares.reduce(0, +)
  }

  /// How probable it is that a word with this share of the text is kept: (√(f / t) + 1) t / f.
  static func probability(ofKeeping frequency: Double, sample: Double) -> Double {
    sample == 0 ? 1 : ((frequency / sample).squareRoot() + 1) * sample / frequency
  }

  /// Whether a pass is over; then the next windows are those of another one.
  private var isAtEnd: Bool { nextLine == lines.bagCount && position == line.count }

  /// Up to `count` windows; nil at the end of a pass over the text.
  mutating func next(_ count: Int, using generator: inout RandomGenerator) -> Windows? {
    if isAtEnd {
      nextLine = 0
      return nil
    }
    var centers: [Int32] = []
    var contexts: [Int32] = []
    var splits: [Int32] = [0]
    centers.reserveCapacity(count)
    splits.reserveCapacity(count + 1)
    contexts.reserveCapacity(count * Int(window + 1))
    while centers.count < count, !isAtEnd {
      if position == line.count {
        readLine(using: &generator)
        continue
      }
      let reach = Int(1 + generator.next() % window)
      let (first, end) = (max(position - reach, 0), min(position + reach + 1, line.count))
      if end - first > 1 {
        centers.append(line[position])
        contexts += line[first..<position]
        contexts += line[position + 1..<end]
        splits.append(Int32(contexts.count))
      }
      position += 1
    }
    return Windows(centers: centers, contexts: RaggedIndices(values: contexts, rowSplits: splits))
  }

  private mutating func readLine(using generator: inout RandomGenerator) {
    let words = Int(lines.rowSplits[nextLine])..<Int(lines.rowSplits[nextLine + 1])
    line.removeAll(keepingCapacity: true)
    for i in words {
      let word = lines.values[i]
      let threshold = thresholds[Int(word)]
      if threshold == .max || generator.next() <= threshold { line.append(word) }
    }
    position = 0
    nextLine += 1
    wordsRead += words.count
  }
}
