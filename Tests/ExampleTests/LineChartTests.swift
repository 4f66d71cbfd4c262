import ExampleParts
import Testing

@testable import TextClassifier

/// Curves and their axes.
struct LineChartTests {
  @Test(
    "an axis has few round numbers, which enclose the values",
    arguments: [
      (0.03, 0.64), (93.08, 94.06), (0, 1), (5, 5), (0, 0), (-3, 12), (1e-9, 2e-9), (0, 123_456),
    ])
  func ticks(low: Double, high: Double) {
    let ticks = Ticks(from: low, to: high)
    #expect(ticks.first <= low && high <= ticks.last && ticks.first < ticks.last && 2...7 ~= ticks.values.count)
    #expect(Set(ticks.values.map { ticks.text($0) }).count == ticks.values.count)
  }

  @Test("the numbers of an axis")
  func names() {
    let ticks = Ticks(from: 0.03, to: 0.64)
    #expect(ticks.values.map { ticks.text($0) } == ["0.0", "0.2", "0.4", "0.6", "0.8"])
    #expect(Ticks(from: 0, to: 10).values == [0, 5, 10])
  }

  @Test("the curve is broken where an epoch isn't known")
  func breaks() {
    let svg = LineChart(values: [1, 2, nil, 1], unit: "").svg("Loss").description
    let path = svg.split(separator: "class=\"curve\" d=\"")[1].prefix { $0 != "\"" }
    #expect(path.filter { $0.isLetter } == "MLM")
    #expect(svg.contains("aria-label=\"Loss: 4 epochs, best 1.00, last 1.00\""))
  }
}
