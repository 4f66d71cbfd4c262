import ExampleParts

/// What the figures show, in words.
struct Conclusion: Encodable {
  let figure = "conclusion"
  let text: String
  /// The share of touched rows from which Adam is the faster one; null if SparseAdam is even with all rows touched.
  let densifiedAdamIsFasterFrom: Double?
  let denseAdamIsFasterFrom: Double?

  init(_ steps: [StepFigure], _ classifiers: [ClassifierFigure], _ shares: [CrossoverFigure]) {
    densifiedAdamIsFasterFrom = shares.share(whereSparseAdamReaches: \.densifiedAdamMicroseconds)
    denseAdamIsFasterFrom = shares.share(whereSparseAdamReaches: \.denseAdamMicroseconds)
    text = [
      Self.sentence(onSteps: steps), Self.sentence(onClassifiers: classifiers),
      Self.sentence(onShares: shares, densifiedAdamIsFasterFrom, denseAdamIsFasterFrom),
    ].compactMap { $0 }.joined(separator: " ")
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

  private static func sentence(onClassifiers figures: [ClassifierFigure]) -> String? {
    guard let best = figures.max(by: { $0.testAccuracy < $1.testAccuracy }),
      let worst = figures.min(by: { $0.testAccuracy < $1.testAccuracy })
    else { return nil }
    func accuracy(_ figure: ClassifierFigure) -> String {
      "\(figure.testAccuracy.formatted(digits: 4)) (\(Rule.name(figure.rule)))"
    }
    return "After the same number of steps, each at the best of its learning rates, the classifier's accuracies lie "
      + "between \(accuracy(worst)) and \(accuracy(best)), ± \(best.standardError.formatted(digits: 4))."
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
