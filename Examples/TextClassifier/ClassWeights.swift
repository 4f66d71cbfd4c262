import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// How much each label counts in training, as the user asks for it.
enum ClassWeights {
  /// n / (classes · count) for a label that is there `count` times of n in all: each counts the same altogether.
  case balanced
  /// Some labels' weights; the others' are 1.
  case of([Spelling: Double], source: String)

  /// Reads `balanced`, `label=weight,…` or the name of a file with lines of `label TAB weight`.
  init(_ value: String) throws {
    guard value != "balanced" else {
      self = .balanced
      return
    }
    self = value.contains("=") ? try Self.list(value) : try Self.file(value)
  }

  private static func list(_ value: String) throws(UsageError) -> Self {
    var weights: [Spelling: Double] = [:]
    for entry in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let end = entry.lastIndex(of: "="), let weight = weight(entry[entry.index(after: end)...]) else {
        throw UsageError("--class-weights: found \(String(entry).quoted), expected label=weight, a weight \(expected)")
      }
      guard weights.updateValue(weight, forKey: Spelling(String(entry[..<end]))) == nil else {
        throw UsageError("--class-weights: found \(String(entry[..<end]).quoted) twice, expected a label once")
      }
    }
    return .of(weights, source: "--class-weights")
  }

  private static func file(_ path: String) throws(DataError) -> Self {
    let form = "label TAB weight, a weight \(expected)"
    var weights: [Spelling: Double] = [:]
    let file = try TabSeparatedLines(path: path, contents: "weights of labels", form: form, fieldCount: 2...2)
    for line in file.lines {
      guard let weight = weight(line.fields[1]) else {
        throw DataError(at: line.location, found: line.fields[1].quoted, expected: form)
      }
      guard weights.updateValue(weight, forKey: Spelling(line.fields[0])) == nil else {
        throw DataError(at: line.location, found: "\(line.fields[0].quoted) once more", expected: "a label once")
      }
    }
    return .of(weights, source: path)
  }

  private static let expected = "in 0.000001...1000000"

  private static func weight(_ text: some StringProtocol) -> Double? {
    Double(text).flatMap { (1e-6...1e6).contains($0) ? $0 : nil }
  }

  /// The weight of each label, in the order of the classes.
  ///
  /// Throws `UsageError` for a label that no training text has.
  func weights(of labels: LabelVocabulary, in texts: TextDataSet) throws(UsageError) -> [Double] {
    switch self {
    case .balanced:
      var counts = [Double](repeating: 0, count: labels.count)
      for label in texts.labelSets.values { counts[Int(label)] += 1 }
      let all = Double(texts.labelSets.values.count)
      return counts.map { all / (Double(labels.count) * $0) }
    case .of(let weights, let source):
      if let other = weights.keys.sorted().map(\.text).first(where: { labels.index(of: $0) == nil }) {
        throw UsageError("\(source): found \(other.quoted), expected labels of the training texts")
      }
      return labels.labels.map { weights[Spelling($0)] ?? 1 }
    }
  }
}
