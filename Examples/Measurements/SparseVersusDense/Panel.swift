/// A diagram with logarithmic axes, whose lines have their names at their ends.
struct Panel {
  struct Series {
    let name: String
    let style: Style
    /// None for a rule that is only named.
    let points: [(rows: Double, value: Double)]
  }

  let title: String
  let subtitle: String
  /// The left end of the horizontal axis.
  let left: Double
  let unit: (Double) -> String
  let series: [Series]

  private let top = 165.0
  private let bottom = 490.0
  private let width = 270.0

  func draw(in drawing: inout SVG) {
    drawing.text(title, left - 56, top - 50, size: 16, color: "#111111", isBold: true)
    drawing.text(subtitle, left - 56, top - 29, size: 13, color: "#555555")

    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return }
    let horizontal = LogScale(containing: points.map(\.rows), from: left, to: left + width)
    let vertical = LogScale(containing: points.map(\.value), from: bottom, to: top)
    drawAxes(horizontal, vertical, in: &drawing)
    // Thinner lines on thicker ones, so that both show where they run together.
    for series in series.sorted(by: { $0.style.width > $1.style.width }) {
      let (style, places) = (series.style, series.points.map { (x: horizontal($0.rows), y: vertical($0.value)) })
      drawing.line(places, color: style.color, width: style.width, dashes: style.dashes)
      for place in places {
        drawing.marker(style.marker, place.x, place.y, radius: style.radius, color: style.color)
      }
    }
    drawNames(horizontal, vertical, in: &drawing)
  }

  private func drawAxes(_ horizontal: LogScale, _ vertical: LogScale, in drawing: inout SVG) {
    for tick in vertical.ticks {
      let y = vertical(tick)
      drawing.line([(left, y), (left + width, y)], color: y == bottom ? "#888888" : "#e4e4e4", width: 1)
      drawing.text(unit(tick), left - 10, y + 4.5, color: "#555555", anchor: .end)
    }
    for tick in horizontal.ticks {
      let x = horizontal(tick)
      drawing.line([(x, bottom), (x, bottom + 6)], color: "#888888", width: 1)
      drawing.text(Self.rowLabel(tick), x, bottom + 23, color: "#555555", anchor: .middle)
    }
    drawing.text("rows of the table", left + width / 2, bottom + 46, color: "#555555", anchor: .middle)
  }

  /// Names stand right of the lines' ends, in their order, with a thin line from each end to its name. The line's last
  /// number follows each name.
  private func drawNames(_ horizontal: LogScale, _ vertical: LogScale, in drawing: inout SVG) {
    let ends = series.map { series in
      series.points.last.map { (x: horizontal($0.rows), y: vertical($0.value)) } ?? (x: left + width, y: bottom)
    }
    let heights = LabelPlacement.spread(ends.map(\.y), distance: 19, within: top...bottom)
    for (number, series) in series.enumerated() {
      let (end, y, x) = (ends[number], heights[number], left + width + 34)
      let isDrawn = !series.points.isEmpty
      if isDrawn { drawing.line([(end.x + 8, end.y), (x - 10, y), (x - 8, y)], color: "#bbbbbb", width: 1) }
      drawing.marker(series.style.marker, x, y, radius: min(series.style.radius, 5), color: series.style.color)
      drawing.text(series.name, x + 11, y + 4.5)
      drawing.text(
        series.points.last.map { unit($0.value) } ?? "nothing", left + width + 286, y + 4.5, color: "#111111",
        isBold: isDrawn, anchor: .end)
    }
  }

  /// 1k, 10M
  private static func rowLabel(_ rows: Double) -> String {
    switch rows {
    case 1e9...: "\(Int((rows / 1e9).rounded()))G"
    case 1e6...: "\(Int((rows / 1e6).rounded()))M"
    case 1e3...: "\(Int((rows / 1e3).rounded()))k"
    default: "\(Int(rows.rounded()))"
    }
  }
}
