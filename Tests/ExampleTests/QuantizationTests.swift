import Foundation
import TestSupport
import Testing

@testable import TextClassifier

/// What training with --quantize says of the classifier that it writes, whose table has fewer rows.
struct QuantizationTests {
  private let program = Program(name: "TextClassifier")
  private let options = [
    "--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1", "--epochs", "3",
    "--quantize", "4", "--max-size", "2500",
  ]

  /// Texts whose words are different ones, of two labels or of both.
  private static func texts(_ numbers: Range<Int>, haveBoth: Bool) -> String {
    numbers.map { number in
      let labels = haveBoth && number % 3 == 0 ? "odd __label__even" : number % 2 == 0 ? "even" : "odd"
      return "__label__\(labels) \(number % 2 == 0 ? "aa" : "bb") \(number % 3 == 0 ? "both" : "one") \(number)"
    }.joined(separator: "\n")
  }

  /// Trains, and returns the figures of the small classifier and of its file.
  private func train(
    haveBoth: Bool, _ more: (_ validation: String, _ test: String) -> [String]
  ) throws -> (trained: Program.Result, tested: Program.Result, validated: Program.Result) {
    try withTemporaryFile(Self.texts(0..<60, haveBoth: haveBoth)) { file in
      try withTemporaryFile(Self.texts(50..<90, haveBoth: haveBoth), name: "validation.txt") { validation in
        try withTemporaryFile(Self.texts(40..<100, haveBoth: haveBoth), name: "test.txt") { test in
          let model = file + ".small"
          let trained = try program.run(["--train", file, "--save", model] + options + more(validation, test))
          let (tested, validated) = (
            try program.run("test", "--load", model, "--test", test),
            try program.run("test", "--load", model, "--test", validation)
          )
          return (trained, tested, validated)
        }
      }
    }
  }

  @Test("texts are tested with the rows that are left, whatever they have", arguments: [false, true])
  func testsWithTheRowsThatAreLeft(haveBoth: Bool) throws {
    let result = try train(haveBoth: haveBoth) { ["--valid", $0, "--test", $1] }
    #expect(result.trained.status == 0, "\(result.trained.errors)")
    let left = try #require(result.trained.errors.firstMatch(of: /(\d+) of (\d+) rows are left/))
    let (count, all) = (try #require(Int(left.1)), try #require(Int(left.2)))
    #expect(count < all * 3 / 4)
    #expect(Array(result.trained.lines.dropFirst(2)) == result.tested.lines)
  }

  @Test("so they are for a page, also those of --valid")
  func showsTheRowsThatAreLeft() throws {
    try withTemporaryDirectory { directory in
      let page = directory.appending(path: "page.html").path
      let result = try train(haveBoth: false) { validation, _ in ["--valid", validation, "--report", page] }
      #expect(result.trained.status == 0, "\(result.trained.errors)")
      let right = try #require(result.validated.output.firstMatch(of: /: (\d+) of 40 test texts/)).1
      let shown = try String(contentsOfFile: page, encoding: .utf8)
      #expect(shown.contains("\(right) of 40"))
    }
  }

  @Test("the difference is that of the figures that are printed")
  func printsDifferences() {
    #expect(Quantization.change(from: 0.94416, to: 0.93894) == "0.9389, before 0.9442: 0.0053 lost")
    #expect(Quantization.change(from: 0.93894, to: 0.94416) == "0.9442, before 0.9389: 0.0053 gained")
  }

  @Test("of independent labels the micro F1 is printed, as test does and each epoch")
  func printsMicroF1() throws {
    let result = try train(haveBoth: true) { validation, _ in ["--valid", validation] }
    let line = try #require(result.trained.lines.last)
    let figures = try #require(line.wholeMatch(of: /validation micro F1 (.{6}), before (.{6}): 0\.\d{4} (gained|lost)/))
    #expect(result.validated.output.contains("test F1 \(figures.1) (micro)"))
    let epochs = result.trained.errors.matches(of: #/  validation micro F1 (.{6})  /#).map(\.1)
    #expect(epochs.count == 3 && epochs.max() == figures.2)
  }
}
