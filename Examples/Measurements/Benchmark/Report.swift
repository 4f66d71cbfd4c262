import ExampleParts
import MeasurementParts
import SliceGrad

/// Results on standard output: a table for people, or lines of JSON.
struct Report {
  let isJSON: Bool

  private static let nameWidth = 20
  private static let detailsWidth = 78
  private static let numberWidth = 12

  func printHeader() {
    if !isJSON { printRow("case", "", ["median µs", "fastest µs", "peak MB", "state MB", "allocations"]) }
  }

  func printResult(of benchmarkCase: Case, _ measurement: Measurement) {
    if isJSON {
      printJSON(benchmarkCase, measurement)
    } else {
      let details = benchmarkCase.details.map { name, detail in detail.inTable(name) }.joined(separator: ", ")
      printRow(
        benchmarkCase.name, details,
        [
          measurement.microseconds.formatted(digits: 2), measurement.fastest.formatted(digits: 2),
          (Double(measurement.peakBytes) / 1e6).formatted(digits: 1),
          measurement.stateBytes.map { (Double($0) / 1e6).formatted(digits: 3) } ?? "",
          measurement.allocations?.formatted(digits: 0) ?? "",
        ])
    }
  }

  private func printRow(_ name: String, _ details: String, _ numbers: [String]) {
    let numbers = numbers.map { $0.padding(to: Self.numberWidth) + $0 }.joined()
    writeLine(
      name + name.padding(to: Self.nameWidth) + details + details.padding(to: Self.detailsWidth) + numbers)
  }

  private func printJSON(_ benchmarkCase: Case, _ measurement: Measurement) {
    var members = [("case", "\"\(benchmarkCase.name)\"")]
    members += benchmarkCase.details.map { ($0, $1.json) }
    members += [
      ("peer", "\"SliceGrad\""), ("threads", "\(Threads.count)"),
      ("microseconds", measurement.microseconds.formatted(digits: 2)),
      ("fastest", measurement.fastest.formatted(digits: 2)),
      ("peakBytes", "\(measurement.peakBytes)"),
    ]
    if let stateBytes = measurement.stateBytes { members.append(("stateBytes", "\(stateBytes)")) }
    if let allocations = measurement.allocations { members.append(("allocations", allocations.formatted(digits: 1))) }
    writeLine("{" + members.map { name, value in "\"\(name)\": \(value)" }.joined(separator: ", ") + "}")
  }
}

extension Detail {
  /// Texts are names of this program, without characters to escape.
  fileprivate var json: String {
    switch self {
    case .number(let number): "\(number)"
    case .numbers(let numbers): "\(numbers)"
    case .text(let text): "\"\(text)\""
    }
  }

  fileprivate func inTable(_ name: String) -> String {
    switch self {
    case .number(let number): "\(name) \(number)"
    case .numbers(let numbers): "\(name) " + numbers.map(String.init).joined(separator: "-")
    case .text(let text): text
    }
  }
}

extension String {
  /// The spaces that bring the string to a width; one at least.
  fileprivate func padding(to width: Int) -> String { String(repeating: " ", count: max(width - count, 1)) }
}
