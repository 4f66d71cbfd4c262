/// What was not measured, for want of memory.
struct LeftOutFigure: Encodable {
  let figure = "leftOut"
  /// The figure that it would be.
  let measurement: String
  let rule: String
  let rows: Int
  /// What the rule needs with the table and the rules before it, and what there was.
  let neededBytes: Int
  let availableBytes: Int
}

extension [Rule] {
  /// The rules that find room at the same time beside a table that they share, those that need least first.
  func fitting(
    in budget: Int, rows: Int, touchedRows: Int, columns: Int, for measurement: String
  ) -> (fitting: [Rule], leftOut: [LeftOutFigure]) {
    func need(_ rule: Rule) -> Int { rule.byteCount(rows: rows, touchedRows: touchedRows, columns: columns) }
    var (taken, left) = (4 * rows * columns, [String: LeftOutFigure]())
    for rule in sorted(by: { need($0) < need($1) }) {
      taken += need(rule)
      guard taken > budget else { continue }
      left[rule.key] = LeftOutFigure(
        measurement: measurement, rule: rule.key, rows: rows, neededBytes: taken, availableBytes: budget)
      taken -= need(rule)
    }
    return (filter { left[$0.key] == nil }, compactMap { left[$0.key] })
  }
}
