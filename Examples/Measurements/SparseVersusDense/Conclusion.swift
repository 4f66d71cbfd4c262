import ExampleParts

/// What the figures show, in words.
struct Conclusion: Encodable {
  let figure = "conclusion"
  let text: String
  /// The share of touched rows from which Adam is the faster one; null if SparseAdam is even with all rows touched.
  let densifiedAdamIsFasterFrom: Double?
  let denseAdamIsFasterFrom: Double?

  init(_ steps: [StepFigure], _ learning: [LearningFigure], _ shares: [CrossoverFigure]) {
    densifiedAdamIsFasterFrom = shares.share(whereSparseAdamReaches: \.densifiedAdamMicroseconds)
    denseAdamIsFasterFrom = shares.share(whereSparseAdamReaches: \.denseAdamMicroseconds)
    let sentences =
      [Self.sentence(onSteps: steps)] + Self.sentences(onLearning: learning)
      + [Self.sentence(onShares: shares, densifiedAdamIsFasterFrom, denseAdamIsFasterFrom)]
    text = sentences.compactMap { $0 }.joined(separator: " ")
  }

  private enum CodingKeys: CodingKey { case figure, text, densifiedAdamIsFasterFrom, denseAdamIsFasterFrom }

  /// Also writes the keys of what is nil: null says that there is no such share.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(figure, forKey: .figure)
    try container.encode(text, forKey: .text)
    try container.encode(densifiedAdamIsFasterFrom, forKey: .densifiedAdamIsFasterFrom)
    try container.encode(denseAdamIsFasterFrom, forKey: .denseAdamIsFasterFrom)
  }

  /// At the smallest and the largest table that both rules have been measured with.
  private static func sentence(onSteps steps: [StepFigure]) -> String? {
    func figures(_ rule: Rule) -> [Int: StepFigure] {
      Dictionary(steps.filter { $0.rule == rule.key }.map { ($0.rows, $0) }) { first, _ in first }
    }
    let (sparse, dense) = (figures(.sparseAdams[0]), figures(.densifiedAdam))
    let common = Set(sparse.keys).intersection(dense.keys)
    guard let fewest = common.min(), let most = common.max() else { return nil }
    func times(_ rows: Int) -> String {
      "\(Quantity.time(sparse[rows]!.microseconds)) instead of \(Quantity.time(dense[rows]!.microseconds))"
    }
    let time = dense[most]!.microseconds / sparse[most]!.microseconds
    let memory = Double(dense[most]!.stateBytes) / Double(sparse[most]!.stateBytes)
    return "A step that touches \(sparse[most]!.touchedRowsAStep) rows takes SparseAdam \(times(fewest)) for densified "
      + "Adam where the table has \(fewest.grouped) rows, and \(times(most)) where it has \(most.grouped): there Adam "
      + "takes \(Quantity.factor(time)) times as long and keeps \(Quantity.factor(memory)) times as much memory."
  }

  /// On each task by its last measure, which says most, and on rows that catch up.
  private static func sentences(onLearning figures: [LearningFigure]) -> [String] {
    let densified = figures.filter { $0.rule == Rule.densifiedAdam.key }
    let tasks = densified.compactMap { densified -> String? in
      guard let measure = Measure.all.last(where: { densified.results[$0.key] != nil }) else { return nil }
      let adam = densified.results[measure.key]!.test
      var (worse, better): ([String], [String]) = ([], [])
      for figure in figures where figure.task == densified.task {
        let result = figure.results[measure.key]!
        guard !result.isTheSame && result.difference.isSignificant else { continue }
        let claim = "\(Rule.name(figure.rule)) by \(abs(result.difference.mean).formatted(digits: 4))"
        let isWorse = (result.difference.mean > 0) == measure.isBetterWhenLower
        if isWorse { worse.append(claim) } else { better.append(claim) }
      }
      func sentence(_ rules: [String], _ word: String) -> String {
        "\(rules.isEmpty ? "none is" : rules.joined(separator: ", ") + (rules.count == 1 ? " is" : " are")) \(word)"
      }
      return "\(densified.task): densified Adam's \(measure.name) is \(adam.text); beyond chance, "
        + sentence(worse, "worse") + ", " + sentence(better, "better") + "."
    }
    let differences = figures.filter { $0.rule == Rule.caughtUp.key }
      .flatMap { $0.results.values.map(\.largestDifference) }
    guard let largest = differences.max() else { return tasks }
    return tasks + [
      "\(Rule.caughtUp.name) differs from densified Adam by at most \(Quantity.plain(largest)) in any seed and measure."
    ]
  }

  private static func sentence(onShares shares: [CrossoverFigure], _ densified: Double?, _ dense: Double?) -> String? {
    guard let last = shares.last else { return nil }
    func claim(_ share: Double?, _ name: String) -> String {
      share.map { "\(name) is the faster one from \(Quantity.share($0)) touched rows" }
        ?? "\(name) is never the faster one, even with \(Quantity.share(last.share)) of the rows touched"
    }
    return "Updating \(last.rows.grouped) × \(last.columns) on this machine, "
      + claim(densified, "densified Adam") + "; " + claim(dense, "Adam that is given a dense gradient") + "."
  }
}
