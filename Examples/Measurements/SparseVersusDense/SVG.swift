import ExampleParts

/// Drawing in the Scalable Vector Graphics format, of which this is the little that a chart needs.
struct SVG {
  let width: Int
  let height: Int
  private var elements: [String] = []

  init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  enum Anchor: String { case start, middle, end }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, size: Double = 13, color: String = "#333333", isBold: Bool = false,
    anchor: Anchor = .start
  ) {
    let weight = isBold ? " font-weight=\"600\"" : ""
    elements.append(
      "<text x=\"\(x.coordinate)\" y=\"\(y.coordinate)\" font-size=\"\(size.coordinate)\" fill=\"\(color)\""
        + "\(weight) text-anchor=\"\(anchor.rawValue)\">\(text.escaped)</text>")
  }

  /// Lines from point to point.
  mutating func line(
    _ points: [(x: Double, y: Double)], color: String, width: Double, dashes: String? = nil
  ) {
    let dashes = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
    let coordinates = points.map { "\($0.x.coordinate),\($0.y.coordinate)" }.joined(separator: " ")
    elements.append(
      "<polyline points=\"\(coordinates)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(width.coordinate)\""
        + " stroke-linejoin=\"round\"\(dashes)/>")
  }

  mutating func marker(_ marker: Marker, _ x: Double, _ y: Double, radius: Double, color: String) {
    let paint = "fill=\"\(color)\" stroke=\"#ffffff\" stroke-width=\"1.2\""
    guard let corners = marker.corners else {
      elements.append("<circle cx=\"\(x.coordinate)\" cy=\"\(y.coordinate)\" r=\"\(radius.coordinate)\" \(paint)/>")
      return
    }
    let points = corners.map { "\((x + radius * $0).coordinate),\((y + radius * $1).coordinate)" }
    elements.append("<polygon points=\"\(points.joined(separator: " "))\" \(paint)/>")
  }

  /// The whole file.
  var document: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
    font-family="system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif">
    <rect width="\(width)" height="\(height)" fill="#ffffff"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }
}

enum Marker {
  case circle, square, diamond, triangle, pointDown, cross

  /// On a circle around 0 of radius 1, nearly; nil for the circle itself.
  fileprivate var corners: [(Double, Double)]? {
    switch self {
    case .circle: nil
    case .square: [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
    case .diamond: [(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]
    case .triangle: [(0, -1.2), (1.15, 0.85), (-1.15, 0.85)]
    case .pointDown: [(0, 1.2), (1.15, -0.85), (-1.15, -0.85)]
    case .cross:
      [
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
      ]
    }
  }
}

extension Double {
  /// With one digit after the point, if it isn't 0.
  fileprivate var coordinate: String {
    let text = formatted(digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension String {
  /// As the text of an element.
  fileprivate var escaped: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
