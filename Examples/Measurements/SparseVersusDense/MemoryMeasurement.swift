import MeasurementParts
import SliceGrad

/// The memory of a sparse rule on a large table of which few rows are ever touched, by its own account and by the
/// growth of the process.
struct MemoryFigure: Encodable {
  let figure = "memory"
  let rule: String
  let rows: Int
  let columns = Workload.columns
  let touchedRows: Int
  let stateBytes: Int
  let residentBytes: Int
  let boundBytes: Int
  let holds: Bool
}

/// Touches few rows of a large table.
struct MemoryMeasurement {
  let leftOut: [LeftOutFigure]
  private let rules: [Rule]
  private let rows: Int
  private let workload: Workload

  init(_ options: Options) {
    rows = options.isQuick ? 200_000 : 10_000_000
    workload = Workload(tableRows: rows, batchCount: options.isQuick ? 40 : 200)
    (rules, leftOut) = Rule.sparseAdams.fitting(
      in: options.memoryBudget, rows: rows, touchedRows: workload.touchedRows, columns: Workload.columns,
      for: "memory")
  }

  func figures() -> [MemoryFigure] {
    guard !rules.isEmpty else { return [] }
    // 1.3 times the two moments of the touched rows, and 8 bytes a row of the table.
    let bound = 13 * (2 * workload.touchedRows * Workload.columns * 4) / 10 + 8 * rows

    // SGD keeps nothing: with its steps everything is there that a step needs besides the rule's state.
    var training = TableTraining([.sgd], rows: rows)
    for batch in workload.batches { _ = training.step(0, on: batch) }
    return rules.enumerated().map { number, rule in
      let before = Machine.residentByteCount
      training.add(rule)
      for batch in workload.batches { _ = training.step(number + 1, on: batch) }
      let resident = Machine.residentByteCount - before
      let state = training.optimizers[number + 1].stateByteCount
      return MemoryFigure(
        rule: rule.key, rows: rows, touchedRows: workload.touchedRows, stateBytes: state, residentBytes: resident,
        boundBytes: bound, holds: state < bound && resident < bound)
    }
  }
}
