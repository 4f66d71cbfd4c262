import ExampleParts
import Foundation
import MeasurementParts

/// Figures on standard output: tables for people, or lines of JSON.
struct Report {
  let isJSON: Bool
  private var leftOut: [LeftOutFigure] = []

  init(isJSON: Bool) { self.isJSON = isJSON }

  func print(_ machine: MachineFigure) throws {
    try show([machine]) { "\(machine); \(Quantity.bytes(machine.availableBytes)) of memory available" }
  }

  func print(_ figures: [MemoryFigure]) throws {
    guard let first = figures.first else { return }
    try show(figures) {
      var table = TextTable(["", "own account", "growth of the process", "bound", ""])
      for figure in figures {
        table.add([
          Rule.name(figure.rule), Quantity.bytes(figure.stateBytes), Quantity.bytes(figure.residentBytes),
          Quantity.bytes(figure.boundBytes), figure.holds ? "holds" : "DOESN'T HOLD",
        ])
      }
      return """

        Memory of the optimizer: a table of \(first.rows.grouped) × \(first.columns), \
        \(first.touchedRows.grouped) rows of it ever touched.
        The bound is 1.3 × (2 × \(first.touchedRows.grouped) × \(first.columns) × 4 bytes) + 8 bytes a table row.

        """ + table.text
    }
  }

  func print(_ figures: [StepFigure]) throws {
    guard let first = figures.first else { return }
    let rows = Set(figures.map(\.rows)).sorted()
    func table(_ field: (StepFigure) -> String) -> String {
      var table = TextTable(["rows"] + rows.map(\.grouped))
      for rule in Rule.all {
        table.add(
          [rule.name]
            + rows.map { rows in figures.first { $0.rule == rule.key && $0.rows == rows }.map(field) ?? "left out" })
      }
      return table.text
    }
    try show(figures) {
      """

      Time a step (forward, backward, update) that touches \(first.touchedRowsAStep) rows of \(first.columns) columns: \
      medians, rules in turn
      \(table { Quantity.time($0.microseconds) })

      The update alone
      \(table { Quantity.time($0.updateMicroseconds) })

      Memory of the rule, once \(figures.last!.touchedRows.grouped) rows, or all of a smaller table, were touched
      \(table { Quantity.bytes($0.stateBytes) })
      """
    }
  }

  func print(_ figures: [LearningFigure], of task: any LearningTask) throws {
    guard let first = figures.first else { return }
    try show(figures) {
      let last = task.measures.last!
      var table = TextTable(
        ["", "learning rate"] + task.measures.flatMap { [$0.name, "more than densified"] }
          + ["\(last.name) with its rate"])
      for figure in figures {
        let measured = task.measures.flatMap { measure in
          let result = figure.results[measure.key]!
          return [result.test.text, result.isTheSame ? "the same  " : result.difference.signedText]
        }
        let atDensifiedAdamsRate = figure.results[last.key]!.atDensifiedAdamsRate?.mean.formatted(digits: 4) ?? ""
        table.add([Rule.name(figure.rule), Quantity.plain(figure.learningRate)] + measured + [atDensifiedAdamsRate])
      }
      return """

        \(task.title)
        After \(first.steps.grouped) steps, means over \(first.seeds) seeds ± their standard errors; differences by seed, \
        with * beyond chance (95 %)
        \(table.text)
        """
    }
  }

  func print(_ figures: [CrossoverFigure]) throws {
    guard let first = figures.first else { return }
    try show(figures) {
      var table = TextTable(["touched rows", "", "SparseAdam", "Adam, densified", "Adam, given a dense gradient"])
      for figure in figures {
        table.add([
          Quantity.share(figure.share), figure.touchedRows.grouped, Quantity.time(figure.sparseAdamMicroseconds),
          Quantity.time(figure.densifiedAdamMicroseconds), Quantity.time(figure.denseAdamMicroseconds),
        ])
      }
      return
        "\nTime an update of a table of \(first.rows.grouped) × \(first.columns), by the share of rows that it touches\n"
        + table.text
    }
  }

  /// Shows what was left out, at the end of the tables.
  mutating func add(_ figures: [LeftOutFigure]) { leftOut += figures }

  func printLeftOut() throws {
    try show(leftOut) {
      "\nLeft out, for want of memory:\n"
        + leftOut.map {
          "  \($0.measurement): \(Rule.name($0.rule)) with \($0.rows.grouped) rows: needs \(Quantity.bytes($0.neededBytes)) beside the "
            + "others, found \(Quantity.bytes($0.availableBytes))"
        }.joined(separator: "\n")
    }
  }

  func print(_ conclusion: Conclusion) throws { try show([conclusion]) { "\n\(conclusion.text)\n" } }

  private func show(_ figures: [some Encodable], text: () -> String) throws {
    guard !figures.isEmpty else { return }
    guard isJSON else { return writeLine(text()) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    for figure in figures {
      writeLine(String(decoding: try encoder.encode(figure), as: UTF8.self))
    }
  }
}

extension SeedMean {
  /// 0.9198 ± 0.0004
  var text: String { "\(mean.formatted(digits: 4)) ± \(standardError.formatted(digits: 4))" }

  /// With a sign, as a difference, and a mark if it is beyond chance.
  fileprivate var signedText: String { "\(mean < 0 ? "" : "+")\(text)\(isSignificant ? " *" : "  ")" }
}

extension Rule {
  static func name(_ key: String) -> String { all.first { $0.key == key }?.name ?? key }
}
