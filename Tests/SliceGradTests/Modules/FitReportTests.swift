import SliceGrad
import Testing

@Suite struct FitReportTests {
  private static let here: [FitReport.NamedShape] = [
    ("table", [5, 3], true), ("weight", [5, 3], false), ("bias", [3], false), ("scale", [], false),
  ]

  private func report(_ there: [FitReport.NamedShape], growingTables: Bool = true) -> FitReport {
    FitReport(of: Self.here, with: there, growingTables: growingTables) { _, _ in nil }
  }

  /// What is the same fits, in the order of what is here; the rest is missing or unexpected.
  @Test func names() {
    let report = report([("bias", [3], false), ("b", [], false), ("a", [], false), ("table", [5, 3], true)])
    #expect(report.taken == ["table", "bias"] && report.missing == ["weight", "scale"])
    #expect(report.unexpected == ["a", "b"] && report.grown.isEmpty && report.mismatched.isEmpty)
  }

  /// A table fits one of fewer rows, if that is wanted, and nothing else fits but the same shape.
  @Test(arguments: [
    ("table", [4, 3], true), ("table", [0, 3], true), ("table", [6, 3], false), ("table", [4, 2], false),
    ("table", [4], false), ("table", [4, 3, 1], false), ("weight", [4, 3], false), ("bias", [2], false),
    ("scale", [1], false), ("bias", [3, 1], false),
  ])
  func shapes(name: String, shape: [Int], grows: Bool) {
    let grown = report([(name, shape, false)])
    #expect(grown.taken.isEmpty && grown.unexpected.isEmpty && grown.missing.count == 3)
    let expected = Self.here.first { $0.name == name }!.shape
    let difference = grows ? grown.grown : grown.mismatched
    #expect(difference.map(\.name) == [name] && (grows ? grown.mismatched : grown.grown).isEmpty)
    #expect(difference.map(\.found) == ["shape \(shape)"] && difference.map(\.expected) == ["\(expected)"])
    let fixed = report([(name, shape, false)], growingTables: false)
    #expect(fixed.mismatched == difference && fixed.grown.isEmpty && fixed.taken.isEmpty)
  }

  /// What can't be taken although name and shape fit is listed with what differs.
  @Test func otherDifferences() {
    let report = FitReport(of: Self.here, with: Self.here, growingTables: false) { here, there in
      here == 1 && there == 1 ? ("this", "that") : nil
    }
    #expect(report.taken == ["table", "bias", "scale"])
    #expect(report.description.hasSuffix("\nmismatched “weight”: found this, expected that"))
  }

  /// Names are the same if their bytes are: two that look alike are listed so that they can be told apart.
  @Test func description() {
    let here: [FitReport.NamedShape] = [("größe\u{301}", [2], false), ("naïve", [2], false), ("表.0", [2, 1], true)]
    let report = FitReport(
      of: here,
      with: [
        ("größ\u{e9}", [2], false), ("表.0", [1, 1], false), ("naïve", Array(repeating: 1, count: 9), false),
        ("\u{202e}\u{1b}[31m\n" + String(repeating: "x", count: 70), [], false),
      ],
      growingTables: true
    ) { _, _ in nil }
    #expect(
      report.description == """
        grown “表.0”: found shape [1, 1], expected [2, 1]
        missing “größe\\u{0301}”
        unexpected “größé”
        unexpected “\\u{202E}\\u{1B}[31m\\n\(String(repeating: "x", count: 53))…”
        mismatched “naïve”: found 9 dimensions, expected [2]
        """)
  }

  /// A report as a part of another one.
  @Test func parts() {
    var whole = FitReport()
    #expect(whole.description.isEmpty)
    whole.add(
      report([("table", [1, 3], true), ("bias", [3], false), ("scale", [1], false), ("a", [], false)]), as: "m")
    #expect(
      whole.description == """
        taken “m.bias”
        grown “m.table”: found shape [1, 3], expected [5, 3]
        missing “m.weight”
        unexpected “m.a”
        mismatched “m.scale”: found shape [1], expected []
        """)
    #expect(whole.allTaken == ["m.bias", "m.table"])
  }
}
