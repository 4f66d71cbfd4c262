import ExampleParts

/// A line through a value for each epoch, from 1; where one is missing, the line is broken.
struct LineChart {
  let values: [Double?]
  /// What follows a value.
  let unit: String

  private let width = 420.0
  private let height = 240.0
  private let left = 58.0
  private let right = 14.0
  private let top = 14.0
  private let bottom = 38.0

  func svg(_ title: String) -> HTML {
    let known = values.compactMap { $0 }
    let scale = Ticks(from: known.min() ?? 0, to: known.max() ?? 1)
    let last = known.last.map { scale.text($0, moreDigits: 1) + unit } ?? ""
    let best = unit.isEmpty ? known.min() : known.max()
    let words =
      "\(title): \(values.count) epochs, best \(best.map { scale.text($0, moreDigits: 1) } ?? "")\(unit), last \(last)"
    return """
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(words)">
      \(horizontalLines(scale))
      \(epochNumbers)
      \(curve(scale))
      <text class="quiet" x="\(width - right)" y="\(height - 6)" text-anchor="end">epoch</text>
      </svg>
      """
  }

  private func x(_ epoch: Int) -> Double {
    let room = width - left - right
    return values.count == 1 ? left + room / 2 : left + room * Double(epoch - 1) / Double(values.count - 1)
  }

  private func y(_ value: Double, _ scale: Ticks) -> Double {
    top + (height - top - bottom) * (1 - (value - scale.first) / (scale.last - scale.first))
  }

  private func horizontalLines(_ scale: Ticks) -> [HTML] {
    scale.values.map { value in
      let y = y(value, scale)
      return """
        <path class="axis" d="M\(left) \(y)H\(width - right)"/>\
        <text class="quiet" x="\(left - 6)" y="\(y + 4)" text-anchor="end">\(scale.text(value))\(unit)</text>
        """
    }
  }

  private var epochNumbers: [HTML] {
    let step = max(1, Int(Ticks(from: 0, to: Double(values.count)).step))
    let numbers = [1] + stride(from: step, through: values.count, by: step).filter { $0 > 1 && 2 * $0 > step }
    return numbers.map { epoch in
      "<text class=\"quiet\" x=\"\(x(epoch))\" y=\"\(height - bottom + 16)\" text-anchor=\"middle\">\(epoch)</text>"
    }
  }

  private func curve(_ scale: Ticks) -> [HTML] {
    var path: HTML = ""
    var isBroken = true
    var dots: [HTML] = []
    for (epoch, value) in zip(1..., values) {
      guard let value else {
        isBroken = true
        continue
      }
      let (x, y) = (x(epoch), y(value, scale))
      path = "\(path)\(isBroken ? "M" : "L")\(x) \(y)"
      isBroken = false
      let words = "epoch \(epoch): \(scale.text(value, moreDigits: 2))\(unit)"
      dots.append("<circle class=\"right\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"><title>\(words)</title></circle>")
    }
    return ["<path class=\"curve\" d=\"\(path)\"/>"] + (dots.count <= 60 ? dots : [])
  }
}

/// Round numbers along an axis, at most seven, that enclose a range.
struct Ticks {
  let step: Double
  let values: [Double]
  private let digits: Int

  var first: Double { values[0] }
  var last: Double { values[values.count - 1] }

  /// The range from one finite number to another, which may be the same.
  init(from low: Double, to high: Double) {
    let span = high > low ? high - low : max(abs(high), 1) / 10
    var (power, digits) = (1.0, 0)
    while power > span / 4 { (power, digits) = (power / 10, digits + 1) }
    while power * 10 <= span / 4 { power *= 10 }
    step = power * ([1, 2, 5].first { power * $0 >= span / 4 } ?? 10)
    let first = (low / step).rounded(.down)
    let last = max((high / step).rounded(.up), first + 1)
    values = stride(from: first, through: last, by: 1).map { [step] in $0 * step }
    self.digits = step >= 1 ? 0 : digits
  }

  /// A number as the axis has it, or with more digits.
  func text(_ value: Double, moreDigits: Int = 0) -> String { value.formatted(digits: digits + moreDigits) }
}
