import Foundation
import SliceGradFiles
import SliceGradText

/// How well cosines agree with what people say of pairs of words.
struct Similarity {
  /// The pairs whose words are both known, and all of them.
  let (known, all): (Int, Int)
  /// Spearman's correlation over the known pairs; nil if there are fewer than two, or if all are equal.
  let correlation: Double?

  /// Reads lines of word TAB word TAB score. Throws `DataError` at the first line that isn't.
  init(_ path: String, in space: WordSpace) throws(DataError) {
    let expected = "word TAB word TAB score"
    var (scores, cosines): ([Double], [Double]) = ([], [])
    var count = 0
    for (line, text) in zip(1..., try TextLines(path: path).all()) {
      let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard fields != [""] else { continue }
      let location = TextLocation(path: path, line: line)
      guard fields.count == 3 else {
        throw DataError(at: location, found: "\(fields.count) fields", expected: expected)
      }
      guard let score = Double(fields[2]), score.isFinite else {
        throw DataError(at: location, found: "the score \(fields[2].quoted)", expected: "a finite number")
      }
      count += 1
      guard let cosine = space.similarity(fields[0], fields[1]) else { continue }
      scores.append(score)
      cosines.append(cosine)
    }
    guard count > 0 else {
      throw DataError(at: TextLocation(path: path), found: "no pairs", expected: "lines of \(expected)")
    }
    (known, all, correlation) = (scores.count, count, spearman(scores, cosines))
  }
}

/// Spearman's rank correlation: Pearson's of the ranks, where equal numbers have the mean of their ranks. Nil if it
/// isn't defined.
func spearman(_ x: [Double], _ y: [Double]) -> Double? {
  let (x, y) = (ranks(x), ranks(y))
  let mean = Double(x.count + 1) / 2
  func products(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) } }
  let variances = products(x, x) * products(y, y)
  return variances > 0 ? products(x, y) / variances.squareRoot() : nil
}

/// The rank of each number, from 1; equal numbers have the mean of theirs.
func ranks(_ numbers: [Double]) -> [Double] {
  let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
  var ranks = numbers
  var first = 0
  while first < order.count {
    let end = order[first...].firstIndex { numbers[$0] != numbers[order[first]] } ?? order.count
    for place in first..<end { ranks[order[place]] = Double(first + 1 + end) / 2 }
    first = end
  }
  return ranks
}
