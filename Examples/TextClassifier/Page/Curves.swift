import ExampleParts

extension ReportPage {
  /// Loss and validation accuracy, epoch by epoch, as drawings and as a table.
  var curves: HTML {
    let losses = epochs.map(\.loss)
    let accuracies = epochs.map { $0.accuracy.map { 100 * $0 } }
    var charts: [HTML] = []
    if losses.contains(where: { $0 != nil }) {
      charts.append(figure("Mean loss of the training texts", LineChart(values: losses, unit: "")))
    }
    if accuracies.contains(where: { $0 != nil }) {
      charts.append(figure("Validation accuracy", LineChart(values: accuracies, unit: "\u{A0}%")))
    }
    let taken = takenEpoch.map { epoch -> HTML in "<p>The model is that of epoch \(epoch).</p>\n" } ?? .nothing
    let rows = zip(1..., epochs).map { number, epoch -> HTML in
      let loss = epoch.loss?.formatted(digits: 4) ?? "–"
      let accuracy = epoch.accuracy.map { Self.percent($0, digits: 2) } ?? "–"
      return "<tr><th scope=\"row\">\(number)</th><td>\(loss)</td><td>\(accuracy)</td></tr>"
    }
    let table = Self.table(["Epoch", "Loss", "Validation accuracy"], rows)
    return """
      \(taken)<div class="charts">
      \(charts)
      </div>
      <details><summary>As numbers</summary>
      \(Self.scrolling("Loss and accuracy", isTall: rows.count > 40, table))
      </details>
      """
  }

  private func figure(_ title: String, _ chart: LineChart) -> HTML {
    "<figure>\n\(chart.svg(title))\n<figcaption>\(title), by epoch</figcaption>\n</figure>"
  }

  /// A table of rows below a row of headings.
  static func table(_ headings: [String], caption: String? = nil, _ rows: [HTML]) -> HTML {
    let cells = headings.map { heading -> HTML in "<th scope=\"col\">\(heading)</th>" }
    let caption = caption.map { text -> HTML in "<caption>\(text)</caption>\n" } ?? .nothing
    return """
      <table>
      \(caption)<thead><tr>\(cells)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table>
      """
  }
}
