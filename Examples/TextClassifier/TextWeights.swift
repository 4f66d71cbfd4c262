import SliceGrad
import SliceGradFiles
import SliceGradText

/// How much each training text counts: numbers in a file, one a line.
enum TextWeights {
  /// The numbers, one for each of the texts of `texts`. Blank lines are skipped, as they are among texts.
  static func read(_ path: String, for texts: [LabeledText], of textFile: String) throws(DataError) -> [Double] {
    var weights: [Double] = []
    try FileLines(path: path, contents: "weights").visit { line, number throws(DataError) in
      let text = String(decoding: line, as: UTF8.self).split(separator: " ").joined(separator: " ")
      guard !text.isEmpty else { return }
      guard let weight = Double(text), (0...1e12).contains(weight) else {
        throw DataError(
          at: TextLocation(path: path, line: number), found: text.quoted, expected: "one number in 0...1e12")
      }
      weights.append(weight)
    }
    guard weights.count == texts.count else {
      throw DataError(
        at: TextLocation(path: path), found: "\(weights.count) weights",
        expected: "\(texts.count), one for each text of \(textFile.visible())")
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw DataError(at: TextLocation(path: path), found: "only weights of 0", expected: "a weight above 0")
    }
    return weights
  }
}

extension [Double] {
  /// The weights divided by their mean. So the mean loss of all texts is their weighted mean, whatever the batches.
  var withMeanOne: [Float] {
    let mean = reduce(0, +) / Double(count)
    return map { Float($0 / mean) }
  }
}
