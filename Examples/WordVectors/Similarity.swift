import ExampleParts
import SliceGradFiles
import SliceGradText

/// How well cosines agree with what people say of pairs of words.
struct Similarity {
  /// The pairs whose words are both known, and all of them.
  let (known, all): (Int, Int)
  /// Spearman's correlation over the known pairs; nil if there are fewer than two, or if all are equal.
  let correlation: Double?

  /// Reads lines of word TAB word TAB score. Throws `DataError` at the first line that isn't.
  init(_ path: String, in space: WordSpace) throws {
    let form = "word TAB word TAB score"
    let lines = try TabSeparatedLines(path: path, contents: "pairs", form: form, fieldCount: 3...3).lines
    var (scores, cosines): ([Double], [Double]) = ([], [])
    for line in lines {
      let (first, second, score) = (line.fields[0], line.fields[1], line.fields[2])
      guard let number = Double(score), number.isFinite else {
        throw DataError(at: line.location, found: "the score \(score.quoted)", expected: "a finite number")
      }
      guard let cosine = try space.similarity(first, second) else { continue }
      scores.append(number)
      cosines.append(cosine)
    }
    (known, all, correlation) = (scores.count, lines.count, spearman(scores, cosines))
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
