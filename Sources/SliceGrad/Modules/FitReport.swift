/// What fitted by name and shape and was taken, from a file or from another optimizer, and what was left.
///
///     let other = TextClassifier(embedding: model.embedding, output: Dense(inputs: 64, outputs: 3, using: &generator))
///     var next = ModelOptimizer(for: other, dense: Adam(), sparse: SparseAdam())
///     let report = next.takeWhatFits(from: optimizer)
///     print(report)  // taken “embedding.weight”
///                    // mismatched “output.weight”: found shape [40, 64], expected [3, 64]
///                    // mismatched “output.bias”: found shape [40], expected [3]
///     print(report.mismatched.map(\.name))  // ["output.weight", "output.bias"]
///
/// The names are those of `Module.parameterNames`.
public struct FitReport: Hashable, Sendable {
  /// What is there under a name, and what would fit here.
  public struct Difference: Hashable, Sendable {
    /// The name: "output.weight".
    public let name: String
    /// What is there: "shape [40, 64]".
    public let found: String
    /// What is here: "[3, 64]".
    public let expected: String
  }

  /// What was taken as it is.
  public package(set) var taken: [String] = []

  /// The tables that have more rows here. Their first rows were taken.
  public package(set) var grown: [Difference] = []

  /// What is here and not there.
  public package(set) var missing: [String] = []

  /// What is there and not here, sorted.
  public package(set) var unexpected: [String] = []

  /// What is here and there, but doesn't fit: of another shape, or the state of another rule.
  public package(set) var mismatched: [Difference] = []

  /// A report of nothing.
  package init() {}
}

extension FitReport {
  /// A name with the dimensions of what it names.
  package typealias NamedShape = (name: String, shape: [Int], isTable: Bool)

  /// Compares what is here with what is there. Names are the same if their bytes are.
  ///
  /// - Parameters:
  ///   - growingTables: whether a table fits that has fewer rows there.
  ///   - take: takes what fits by name and shape, given its indices here and there, or says what else is different.
  package init<Failure: Error>(
    of here: [NamedShape], with there: [NamedShape], growingTables: Bool,
    take: (_ here: Int, _ there: Int) throws(Failure) -> (found: String, expected: String)?
  ) throws(Failure) {
    var left = Dictionary(uniqueKeysWithValues: there.enumerated().map { (Array($1.name.utf8), $0) })
    for (i, leaf) in here.enumerated() {
      guard let j = left.removeValue(forKey: Array(leaf.name.utf8)) else {
        missing.append(leaf.name)
        continue
      }
      let (old, new) = (there[j].shape, leaf.shape)
      let grows = growingTables && leaf.isTable && old.count == 2 && old[0] < new[0] && old[1] == new[1]
      let shapes = (found: Self.description(of: old), expected: "\(new)")
      if let (found, expected) = try old == new || grows ? take(i, j) : shapes {
        mismatched.append(Difference(name: leaf.name, found: found, expected: expected))
      } else if grows {
        grown.append(Difference(name: leaf.name, found: shapes.found, expected: shapes.expected))
      } else {
        taken.append(leaf.name)
      }
    }
    unexpected = left.values.map { there[$0].name }.sorted()
  }

  /// A file may say that something has any number of dimensions.
  private static func description(of shape: [Int]) -> String {
    shape.count <= Shape.maximumRank ? "shape \(shape)" : "\(shape.count) dimensions"
  }

  /// The names of what was taken, as it is or in part.
  package var allTaken: [String] { taken + grown.map(\.name) }

  /// Adds another report, in which everything belongs to a part: "optimizer.output.weight".
  package mutating func add(_ report: FitReport, as part: String) {
    func named(_ name: String) -> String { "\(part).\(name)" }
    func named(_ difference: Difference) -> Difference {
      Difference(name: named(difference.name), found: difference.found, expected: difference.expected)
    }
    taken += report.taken.map(named)
    grown += report.grown.map(named)
    missing += report.missing.map(named)
    unexpected += report.unexpected.map(named)
    mismatched += report.mismatched.map(named)
  }
}

extension FitReport: CustomStringConvertible {
  /// A line for each name. Of a name that may come from any file, letters and digits are shown; what could be invisible
  /// or look like something else is escaped.
  public var description: String {
    func line(_ name: String) -> String {
      let shown = name.unicodeScalars.prefix(60).map { scalar in
        let isShown = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        return scalar.escaped(asASCII: !scalar.isASCII && !isShown)
      }
      return "“\(shown.joined())\(name.unicodeScalars.count > shown.count ? "…" : "")”"
    }
    func line(_ difference: Difference) -> String {
      "\(line(difference.name)): found \(difference.found), expected \(difference.expected)"
    }
    let lines =
      taken.map { "taken \(line($0))" } + grown.map { "grown \(line($0))" }
      + missing.map { "missing \(line($0))" } + unexpected.map { "unexpected \(line($0))" }
      + mismatched.map { "mismatched \(line($0))" }
    return lines.joined(separator: "\n")
  }
}
