import ExampleParts

extension ReportPage {
  /// More labels are too many to draw; then there are those with most mistakes.
  private static let (mostLabels, fewerLabels) = (160, 60)

  /// The matrix as a drawing.
  var confusionMatrix: HTML {
    let (cells, figures) = (evaluation.matrix, evaluation.labelFigures)
    let shown = shownLabels(figures)
    let drawing = MatrixDrawing(
      labels: shown, classCount: evaluation.classCount, names: labelNames, cells: cells,
      textCounts: figures.map(\.textCount))
    let left =
      shown.count < labelNames.count ? " Of \(labelNames.count) labels the \(shown.count) with most mistakes." : ""
    return """
      <p>Row: what a text is. Column: what it was taken for. The stronger a colour, the larger the share of the row's \
      texts; blue is right and orange wrong.\(left)</p>
      \(Self.scrolling("Confusion matrix", drawing.svg))
      """
  }

  private func shownLabels(_ figures: [LabelFigures]) -> [Int] {
    let all = Array(figures.indices)
    guard all.count > Self.mostLabels else { return all }
    let mistakes = figures.map { $0.textCount + $0.takenCount - 2 * $0.correctCount }
    return all.sorted { (-mistakes[$0], $0) < (-mistakes[$1], $1) }.prefix(Self.fewerLabels).sorted()
  }
}

/// The cells of a confusion matrix as squares, with the labels on its left and above.
private struct MatrixDrawing {
  /// The labels of the rows, as places in `names`. Those that are classes have a column too.
  let labels: [Int]
  let classCount: Int
  let names: [String]
  let cells: [Confusion]
  /// How many texts each label has.
  let textCounts: [Int]

  /// The length of a cell's side.
  private var side: Double {
    switch labels.count {
    case ...8: 48
    case ...16: 36
    case ...45: 18
    default: 12
    }
  }

  private var hasNumbers: Bool { side >= 36 }
  private var fontSize: Double { min(12, side - 2) }
  private var shortNames: [String] { labels.map { Self.short(names[$0]) } }
  private var margin: Double { 10 + fontSize * (shortNames.map(Self.width).max() ?? 0) }

  var svg: HTML {
    let columns = labels.filter { $0 < classCount }
    let (width, height) = (margin + side * Double(columns.count) + 2, margin + side * Double(labels.count) + 2)
    let words = "Confusion matrix of \(labels.count) labels; the most confused ones are listed above"
    return """
      <svg width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" role="img" aria-label="\(words)">
      <rect class="axis" x="\(margin)" y="\(margin)" width="\(side * Double(columns.count))" \
      height="\(side * Double(labels.count))"/>
      \(rowNames)
      \(columnNames(columns.count))
      \(squares(columns))
      </svg>
      """
  }

  private var rowNames: [HTML] {
    shortNames.enumerated().map { i, name in
      let y = margin + side * (Double(i) + 0.5) + fontSize / 3
      return "<text x=\"\(margin - 5)\" y=\"\(y)\" text-anchor=\"end\" style=\"font-size:\(fontSize)px\">\(name)</text>"
    }
  }

  private func columnNames(_ count: Int) -> [HTML] {
    shortNames.prefix(count).enumerated().map { i, name in
      let x = margin + side * (Double(i) + 0.5) + fontSize / 3
      return """
        <text transform="translate(\(x) \(margin - 5)) rotate(-90)" style="font-size:\(fontSize)px">\(name)</text>
        """
    }
  }

  private func squares(_ columns: [Int]) -> [HTML] {
    let rowOf = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
    let columnOf = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))
    let placed = cells.compactMap { cell in
      rowOf[cell.truth].flatMap { row in columnOf[cell.found].map { (cell: cell, row: row, column: $0) } }
    }
    return placed.sorted { ($0.row, $0.column) < ($1.row, $1.column) }.map {
      square($0.cell, x: margin + side * Double($0.column), y: margin + side * Double($0.row))
    }
  }

  private func square(_ cell: Confusion, x: Double, y: Double) -> HTML {
    let share = Double(cell.texts.count) / Double(textCounts[cell.truth])
    // A number has to be read on it.
    let opacity = hasNumbers ? 0.1 + 0.4 * share : 0.25 + 0.75 * share
    let isRight = cell.truth == cell.found
    let words =
      "\(names[cell.truth]) taken for \(names[cell.found]): \(cell.texts.count) (\(ReportPage.percent(share)))"
    let number: HTML =
      hasNumbers
      ? "<text x=\"\(x + side / 2)\" y=\"\(y + side / 2 + 4)\" text-anchor=\"middle\">\(cell.texts.count)</text>"
      : .nothing
    return """
      <g><title>\(words)</title><rect class="\(isRight ? "right" : "wrong")" fill-opacity="\(opacity)" \
      x="\(x)" y="\(y)" width="\(side)" height="\(side)"/>\(number)</g>
      """
  }

  /// A name of at most 20 characters.
  private static func short(_ name: String) -> String { name.count <= 20 ? name : name.prefix(19) + "…" }

  /// About how wide a text is, in sizes of its font: letters of Latin, Greek and Cyrillic are narrower than others.
  private static func width(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x590 ? 0.62 : 1.05) }
  }
}
