import ExampleParts

extension ReportPage {
  /// Precision, recall and F1 of each label, those with the lowest F1 first.
  var labelTable: HTML {
    let figures = evaluation.labelFigures
    func share(_ value: Double?) -> String { value.map { Self.percent($0) } ?? "–" }
    let order = figures.indices.sorted { (figures[$0].f1 ?? 2, $0) < (figures[$1].f1 ?? 2, $1) }
    let rows = order.map { i -> HTML in
      let label = figures[i]
      let note: HTML = i >= evaluation.classCount ? " <span class=\"quiet\">(not in training)</span>" : .nothing
      return """
        <tr><th scope="row"><bdi>\(labelNames[i])</bdi>\(note)</th><td>\(label.textCount)</td>\
        <td>\(label.takenCount)</td><td>\(label.correctCount)</td><td>\(share(label.precision))</td>\
        <td>\(share(label.recall))</td><td>\(share(label.f1))</td></tr>
        """
    }
    let table = Self.table(["Label", "Texts", "Taken for it", "Right", "Precision", "Recall", "F1"], rows)
    return """
      <p>Precision: of the texts taken for a label, how many have it. Recall: of the texts that have it, how many were \
      taken for it. F1: the harmonic mean of both. The label with the lowest F1 comes first.</p>
      \(Self.scrolling("Figures by label", isTall: rows.count > 40, table))
      """
  }
}
