import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What the program measures, prints and draws.
struct SparseVersusDenseTests {
  private let program = Program(name: "SparseVersusDense")
  private static let sparseAdams = [
    "sparseAdamGlobalStep", "sparseAdamActiveSteps", "sparseAdamDecayed", "sparseAdamCaughtUp", "sparseAdamPerRow",
  ]
  private static let adams = ["densifiedAdam"] + sparseAdams
  private static let rules = adams + ["sgd", "adagrad", "rowwiseAdagrad"]

  /// All that a line of JSON may hold.
  private struct Line: Decodable {
    let figure: String
    let rule: String?
    let rows: Int?
    let touchedRows: Int?
    let touchedRowsAStep: Int?
    let microseconds: Double?
    let updateMicroseconds: Double?
    let stateBytes: Int?
    let residentBytes: Int?
    let boundBytes: Int?
    let holds: Bool?
    let steps: Int?
    let task: String?
    let learningRate: Double?
    let triedLearningRates: [Double]?
    let validationLosses: [Double?]?
    let seeds: Int?
    let results: [String: Result]?
    let share: Double?
    let sparseAdamMicroseconds: Double?
    let densifiedAdamMicroseconds: Double?
    let denseAdamMicroseconds: Double?
    let neededBytes: Int?
    let availableBytes: Int?
    let text: String?
  }

  /// What a rule has learnt, by one measure.
  private struct Result: Decodable {
    struct Mean: Decodable {
      let mean: Double
      let standardError: Double
    }
    let test: Mean
    let difference: Mean
    let differenceIsSignificant: Bool
    let largestDifference: Double
    let atDensifiedAdamsRate: Mean?
  }

  private func lines(of result: Program.Result) throws -> [Line] {
    try result.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  /// The contents of each element of an SVG, once the whole has proved to be XML.
  private final class Drawing: NSObject, XMLParserDelegate {
    private(set) var texts: [String] = []
    private(set) var elements: [(name: String, attributes: [String: String])] = []
    private(set) var isWellFormed = false

    init(path: String) throws {
      super.init()
      let parser = XMLParser(data: try Data(contentsOf: URL(filePath: path)))
      parser.delegate = self
      isWellFormed = parser.parse()
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      elements.append((name, attributes))
      if name == "text" { texts.append("") }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      guard elements.last?.name == "text", !text.allSatisfy(\.isNewline) else { return }
      texts[texts.count - 1] += text
    }
  }

  @Test("a quick run has all figures, one a line, and draws a chart")
  func measures() throws {
    try withTemporaryFile("", name: "chart.svg") { chart in
      let result = try program.run("--quick", "--json", "--threads", "2", "--svg", chart)
      #expect(result.status == 0, "\(result.errors)")
      let lines = try lines(of: result)
      let figures = Dictionary(grouping: lines, by: \.figure)
      #expect(Set(figures.keys) == ["machine", "memory", "step", "learning", "crossover", "conclusion"])

      let memory = figures["memory"] ?? []
      #expect(memory.map(\.rule) == Self.sparseAdams)
      for line in memory {
        let (rows, touched) = (try #require(line.rows), try #require(line.touchedRows))
        #expect(Double(line.boundBytes!) == 1.3 * Double(2 * touched * 64 * 4) + Double(8 * rows))
        let numbers = line.rule == "sparseAdamPerRow" ? 64 + 1 : 2 * 64
        #expect(touched * numbers * 4 + 4 * rows <= line.stateBytes!, "less than there has to be")
        #expect(line.stateBytes! < line.boundBytes! && line.holds == true)
      }

      let steps = figures["step"] ?? []
      #expect(steps.map(\.rule) == Self.rules + Self.rules)
      #expect(steps.map(\.rows) == Self.rules.map { _ in 1_000 } + Self.rules.map { _ in 10_000 })
      for line in steps {
        #expect(0 < line.updateMicroseconds! && line.updateMicroseconds! < line.microseconds!)
        #expect(line.touchedRowsAStep == 500 && line.touchedRows == line.rows)
      }
      #expect(steps.filter { $0.rule == "densifiedAdam" }.allSatisfy { $0.stateBytes! - 2 * $0.rows! * 64 * 4 < 100 })

      try expectLearning(figures["learning"] ?? [])

      let shares = figures["crossover"] ?? []
      #expect(shares.map(\.share) == [0.01, 0.1, 1])
      for line in shares {
        #expect(Double(line.touchedRows!) == line.share! * Double(line.rows!))
        #expect(
          line.sparseAdamMicroseconds! > 0 && line.densifiedAdamMicroseconds! > 0 && line.denseAdamMicroseconds! > 0)
      }
      #expect(shares.first.map { $0.sparseAdamMicroseconds! < $0.denseAdamMicroseconds! / 2 } == true)
      #expect(figures["conclusion"]?.first?.text?.contains("touched") == true)
      #expect(lines.last?.figure == "conclusion")
      #expect(result.errors.contains("the chart is in \(chart)"))

      let drawing = try Drawing(path: chart)
      #expect(drawing.isWellFormed && drawing.elements.first?.name == "svg")
      for name in ["Adam, densified", "SparseAdam, active steps", "row-wise Adagrad", "1k", "10k", "1 ms", "1 MB"] {
        #expect(drawing.texts.contains(name), "\(name) in \(drawing.texts)")
      }
      try expectSeparateNames(drawing)
    }
  }

  /// Each rule has learnt something of each task, and rows that catch up are those of densified Adam.
  private func expectLearning(_ lines: [Line]) throws {
    #expect(lines.map(\.rule) == Self.rules + Self.adams + Self.adams)
    let tasks = Dictionary(grouping: lines) { $0.task! }
    #expect(Set(tasks.keys) == ["names", "choices", "ratings"])
    for line in lines {
      let losses = try #require(line.validationLosses).map { $0 ?? .infinity }
      #expect(line.learningRate == line.triedLearningRates?[losses.firstIndex(of: losses.min()!)!])
      #expect(line.seeds == 2 && line.steps == tasks[line.task!]?[0].steps)
      for (measure, result) in try #require(line.results) {
        // Guessing one of 40 languages is right in 1 of 40 cases, with a loss of 3.69. Of 100 items 10 are the first
        // 10; guessing which of two is the better one has a loss of 0.69. The ratings' standard deviation is about 0.9.
        switch (line.task, measure) {
        case ("names", "loss"): #expect(result.test.mean < 3)
        case ("names", "accuracy"): #expect(0.2 < result.test.mean && result.test.mean < 1)
        case ("choices", "loss"): #expect(result.test.mean < 0.6)
        case ("choices", "hitRateAt10"): #expect(0.2 < result.test.mean && result.test.mean < 1)
        case ("ratings", "rmse"): #expect(0.4 < result.test.mean && result.test.mean < 0.87)
        default: Issue.record("\(line.task!): \(measure)")
        }
        #expect(result.test.standardError >= 0 && result.difference.standardError >= 0)
        #expect((result.atDensifiedAdamsRate != nil) == Self.adams.contains(line.rule!))
        if ["densifiedAdam", "sparseAdamCaughtUp"].contains(line.rule) {
          #expect(result.largestDifference < 1e-5 && abs(result.difference.mean) < 1e-5)
        } else if measure == "loss" || measure == "rmse" {
          #expect(result.largestDifference > 1e-3, "\(line.rule!) learns \(line.task!) as densified Adam does")
        }
      }
    }
  }

  @Test("ratings of a file")
  func readsRatings() throws {
    let lines = (0..<1_000).map { "u\($0 % 30)\ti\($0 * 7 % 37)\t\($0 % 5 + 1)\t\($0)" }.joined(separator: "\n")
    try withTemporaryFile(lines) { file in
      try withTemporaryFile("", name: "chart.svg") { chart in
        let result = try program.run("--quick", "--rows", "1000", "--ratings", file, "--svg", chart)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("1,000 ratings of 37 items by 30 users, of a file"))
        #expect(result.output.contains("SparseAdam, caught up differs from densified Adam by at most "))
      }
    }
    try withTemporaryFile("a\tx\t1\na\ty\tgood") { file in
      let result = try program.run("--quick", "--ratings", file)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(result.errors == "SparseVersusDense: \(file):2: found the rating “good”, expected a number\n")
    }
  }

  /// Names in a chart stand apart, and inside.
  private func expectSeparateNames(_ drawing: Drawing) throws {
    func number(_ name: String, _ attributes: [String: String]) throws -> Double {
      try #require(attributes[name].flatMap(Double.init))
    }
    let size = try (
      width: number("width", drawing.elements[0].attributes), height: number("height", drawing.elements[0].attributes)
    )
    var heights: [Double: [Double]] = [:]  // by the column of a text
    for (name, attributes) in drawing.elements where name == "text" {
      let (x, y) = try (number("x", attributes), number("y", attributes))
      #expect(0 < x && x < size.width && 0 < y && y < size.height)
      heights[x, default: []].append(y)
    }
    #expect(heights.values.contains { $0.count == Self.rules.count })
    for column in heights.values {
      for (upper, lower) in zip(column.sorted(), column.sorted().dropFirst()) { #expect(lower - upper > 13) }
    }
  }

  @Test("what doesn't fit in the memory is left out, and said")
  func leavesOut() throws {
    try withTemporaryFile("", name: "chart.svg") { chart in
      // A table of 100,000 rows takes 26 MB; the sparse rules 271 MB besides, densified Adam 77 MB.
      let arguments = ["--quick", "--rows", "1000,100000,100000000", "--memory", "0.35", "--svg", chart]
      let result = try program.run(arguments + ["--json"])
      #expect(result.status == 0, "\(result.errors)")
      let lines = try lines(of: result)
      let leftOut = lines.filter { $0.figure == "leftOut" }
      #expect(leftOut.filter { $0.rows == 100_000 }.map(\.rule) == ["densifiedAdam"])
      #expect(leftOut.filter { $0.rows == 100_000_000 }.map(\.rule) == Self.rules)
      #expect(leftOut.allSatisfy { $0.neededBytes! > $0.availableBytes! && $0.availableBytes == 350_000_000 })
      #expect(lines.count { $0.figure == "step" } == 9 + 8)

      let table = try program.run(arguments)
      #expect(table.output.contains("Left out, for want of memory:\n  step: Adam, densified with 100,000 rows: needs "))
      #expect(table.output.contains("left out"))
      #expect(table.output.hasSuffix("the chart is in \(chart)\n"))
    }
  }

  @Test(
    "bad options are refused",
    arguments: [
      (["--fast"], "unknown option --fast; --help lists them"),
      (["--rows"], "--rows needs a value, expected whole numbers in 1000...2147483647, with commas between them"),
      (["--rows", "10"], "--rows: found “10”, expected whole numbers in 1000...2147483647, with commas between them"),
      (
        ["--rows", "1000,,2000"],
        "--rows: found “1000,,2000”, expected whole numbers in 1000...2147483647, with commas between them"
      ),
      (["--threads", "0"], "--threads: found “0”, expected a whole number in 1...256"),
      (["--memory", "none"], "--memory: found “none”, expected a number above 0"),
      (["--quick=yes"], "--quick takes no value, found “yes”"),
      (["--ratings"], "--ratings needs a value, expected a file"),
      (["--svg", "no/such/folder/a.svg"], "--svg no/such/folder/a.svg: found no place for a file, expected one"),
      (["rows"], "unexpected argument “rows”; --help shows the usage"),
    ])
  func refusesOptions(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors == "SparseVersusDense: \(message)\n")
  }

  @Test("help lists the options")
  func helps() throws {
    let result = try program.run("--help")
    #expect(result.status == 0 && result.errors.isEmpty)
    for option in ["--rows", "--ratings", "--svg", "--memory", "--threads", "--quick", "--json"] {
      #expect(result.output.contains("  \(option) "))
    }
  }
}
