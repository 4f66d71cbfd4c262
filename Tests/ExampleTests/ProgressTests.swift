import ExampleParts
import Foundation
import TestSupport
import Testing

/// What a program says of how far it is, on a terminal and in a pipe.
struct ProgressTests {
  private let program = Program(name: "TextClassifier")
  private let options = [
    "--dimensions", "64", "--buckets", "1000", "--char-ngrams", "1-3", "--epochs", "400", "--batch-size", "1",
    "--classify", "one",
  ]

  private func withTexts<Result>(_ body: (String) throws -> Result) throws -> Result {
    let lines = (0..<80).map { "\($0 % 2 == 0 ? "even" : "odd")\tthe number \($0)\n" }
    return try withTemporaryFile(lines.joined(), body)
  }

  private static let emptyLine = "\r\u{1B}[K"

  @Test(
    "on a terminal one line is written again and again, as wide as fits, and lines that stay take its place",
    arguments: [
      (80, #"epoch \d+/400  \d+ %  \d+ examples/s  \d+:\d\d left"#), (32, #"epoch \d+/400  \d+ %  \d+:\d\d left"#),
      (16, #"epoch \d+/400"#), (0, #"epoch \d+/400  \d+ %  \d+ examples/s  \d+:\d\d left"#),
    ])
  func rewrites(columns: UInt16, pattern: String) throws {
    let (status, written) = try withTexts { try program.runOnTerminal(columns: columns, ["--train", $0] + options) }
    #expect(status == 0)
    let pieces = written.replacing("\r\n", with: "\n").components(separatedBy: Self.emptyLine).dropFirst()
    let updates = pieces.filter { !$0.contains("\n") }
    let whole = try Regex(pattern)
    #expect(updates.contains { $0.wholeMatch(of: whole) != nil }, "\(updates.prefix(5))")
    for update in updates { #expect(update.count < (columns > 0 ? Int(columns) : 80), "\(update)") }
    let lines = pieces.filter { $0.hasSuffix("\n") }
    #expect(
      lines.count == 401 && lines[1].hasPrefix("epoch 1/400  loss ") && lines.last!.hasPrefix("epoch 400/400  loss "))
  }

  @Test("in a pipe there are plain lines only")
  func isPlain() throws {
    let result = try withTexts { try program.run(["--train", $0] + options) }
    let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(result.status == 0 && lines.count == 402 && lines.last == "")
    #expect(!result.errors.contains("\r") && !result.errors.contains("\u{1B}") && !result.errors.contains("left"))
  }

  @Test(
    "a number has so many digits after the point, a huge one a power of ten",
    arguments: [
      (0.00004, "0.0000"), (-1.23456, "-1.2346"), (999_999_999.5, "999999999.5000"), (1e9, "1e+09"),
      (-2.84567e29, "-2.846e+29"), (.infinity, "inf"),
    ])
  func formats(number: Double, text: String) { #expect(number.formatted(digits: 4) == text) }

  @Test("an error takes the place of the line")
  func endsTheLine() throws {
    let (status, written) = try program.runOnTerminal(columns: 80, ["--load", "no/such/file"])
    #expect(status == 2)
    #expect(written == "\(Self.emptyLine)TextClassifier: no/such/file: found no file, expected a file to read\r\n")
  }
}
