import ExampleParts
import Foundation

/// Time a step and memory against the rows of the table, side by side on logarithmic axes.
struct Chart {
  private let steps: [StepFigure]
  private let memory: [MemoryFigure]
  private let machine: MachineFigure

  init(of steps: [StepFigure], _ memory: [MemoryFigure], on machine: MachineFigure) {
    (self.steps, self.memory, self.machine) = (steps, memory, machine)
  }

  /// The whole file.
  var svg: String {
    var drawing = SVG(width: 1340, height: 600)
    drawing.text("What the rows that a step leaves alone cost", 40, 48, size: 24, color: "#111111", isBold: true)
    drawing.text(
      "Training a table of \(Workload.columns) columns, \(Workload.rowsAStep) of whose rows each step touches, by several "
        + "rules. \(machine)", 40, 75, size: 14, color: "#555555")
    let touchedRows = steps.map(\.touchedRows).max() ?? 0
    let panels = [
      Panel(
        title: "Time a step", subtitle: "forward, backward and update, median", left: 96, unit: Quantity.time,
        series: series { $0.microseconds }),
      Panel(
        title: "Memory that the rule keeps",
        subtitle: "besides the table, once \(touchedRows.grouped) rows (or all) were touched",
        left: 752, unit: { Quantity.bytes(Int($0.rounded())) },
        // SGD's two counts of steps are nothing, and would draw out the axis.
        series: series { $0.rule == Rule.sgd.key ? nil : Double($0.stateBytes) }),
    ]
    for panel in panels { panel.draw(in: &drawing) }
    if let first = memory.first {
      drawing.text(
        "Of \(first.rows.grouped) rows \(first.touchedRows.grouped) touched: SparseAdam keeps "
          + "\(Quantity.bytes(first.stateBytes)), the process grew by \(Quantity.bytes(first.residentBytes)); "
          + "\(Quantity.bytes(first.boundBytes)) is the bound that it stays under.", 40, 574, color: "#555555")
    }
    return drawing.document
  }

  private func series(_ value: (StepFigure) -> Double?) -> [Panel.Series] {
    Rule.all.compactMap { rule in
      let figures = steps.filter { $0.rule == rule.key }
      let points = figures.compactMap { figure in value(figure).map { (rows: Double(figure.rows), value: $0) } }
      return figures.isEmpty ? nil : Panel.Series(name: rule.name, style: rule.style, points: points)
    }
  }
}

/// How a rule looks, in both panels.
struct Style {
  let color: String
  let marker: Marker
  var width = 2.2
  var radius = 5.0
  var dashes: String?
}

extension Rule {
  // The colours of Okabe and Ito (2008), which the colour-blind can tell apart, and two more. The SparseAdams run along
  // one line: the later ones are thinner, dashed and smaller, so that the earlier ones show.
  private static let styles = [
    densifiedAdam.key: Style(color: "#d55e00", marker: .square),
    sparseAdams[0].key: Style(color: "#0072b2", marker: .circle, width: 3.6, radius: 6.5),
    sparseAdams[1].key: Style(color: "#56b4e9", marker: .diamond, dashes: "7 6"),
    sparseAdams[2].key: Style(color: "#009e73", marker: .triangle, width: 1.6, radius: 4, dashes: "2 5"),
    sparseAdams[3].key: Style(color: "#882255", marker: .square, width: 1.6, radius: 3.5, dashes: "4 4"),
    sparseAdams[4].key: Style(color: "#7a7a00", marker: .pointDown, width: 1.4, radius: 4.5),
    sgd.key: Style(color: "#444444", marker: .cross),
    adagrad.key: Style(color: "#e69f00", marker: .pointDown),
    rowwiseAdagrad.key: Style(color: "#cc79a7", marker: .diamond),
  ]

  var style: Style { Self.styles[key] ?? Style(color: "#000000", marker: .circle) }
}

/// Where the chart is written.
struct ChartFile {
  private let path: String

  /// Throws `UsageError` if no file can be written there, which is better known before than after all measurements.
  init(path: String) throws(UsageError) {
    self.path = path
    let folder = URL(filePath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let canWrite = FileManager.default.isWritableFile(atPath: exists ? path : folder)
    if isFolder.boolValue || !canWrite { throw UsageError("--svg \(path): found no place for a file, expected one") }
  }

  func write(_ contents: String) throws {
    do {
      try Data(contents.utf8).write(to: URL(filePath: path))
    } catch {
      throw MeasurementError(description: "\(path): can't be written: \(error.localizedDescription)")
    }
  }
}
