import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import TextClassifier

@Suite struct TuningSpaceTests {
  @Test func givenOptionsStay() {
    var generator = RandomGenerator(seed: 1)
    let space = TuningSpace(given: ["--epochs", "--learning-rate"], usualLearningRate: 0.02)
    #expect(space.arguments(space.unchanged).isEmpty)
    let choices = (0..<50).map { _ in space.arguments(space.random(using: &generator)) }
    #expect(choices.allSatisfy { $0.count == 10 && !$0.contains("--epochs") && !$0.contains("--learning-rate") })
    #expect(Set(choices).count > 40)
    let none = TuningSpace(
      given: [
        "--word-ngrams", "--char-ngrams", "--buckets", "--dimensions", "--epochs", "--learning-rate",
        "--dense-learning-rate",
      ], usualLearningRate: 0.02)
    #expect(none.arguments(none.neighbor(of: none.unchanged, using: &generator)).isEmpty)
  }

  /// In one or two options, by a step or two.
  @Test func neighborsDifferALittle() {
    var generator = RandomGenerator(seed: 2)
    let space = TuningSpace(given: [], usualLearningRate: 50)
    let dimensions = ["16", "32", "64", "128", "256"]
    func values(_ arguments: [String]) -> [String: String] {
      Dictionary(
        uniqueKeysWithValues: stride(from: 0, to: arguments.count, by: 2).map { (arguments[$0], arguments[$0 + 1]) })
    }
    var steps: Set<Int> = []
    for _ in 0..<200 {
      let choice = space.random(using: &generator)
      let (old, new) = (
        values(space.arguments(choice)), values(space.arguments(space.neighbor(of: choice, using: &generator)))
      )
      #expect(old.keys == new.keys && old.filter { new[$0.key] != $0.value }.count <= 2)
      let places = [old, new].map { dimensions.firstIndex(of: $0["--dimensions"]!)! }
      steps.insert(places[1] - places[0])
    }
    #expect(steps.isSuperset(of: [-2, -1, 0, 1, 2]))
    #expect(steps.allSatisfy { abs($0) <= 4 })
  }

  /// Each value is one that the program takes.
  @Test func allValuesAreValid() throws {
    var generator = RandomGenerator(seed: 3)
    let space = TuningSpace(given: [], usualLearningRate: 0.02)
    for _ in 0..<100 {
      let options = try Options(parsing: space.arguments(space.random(using: &generator)))
      #expect(options.given.count == 7)
    }
  }
}

@Suite struct TuningTests {
  private let program = Program(name: "TextClassifier")
  private let fixed = ["--buckets", "500", "--dimensions", "4", "--char-ngrams", "1-2"]

  private func withTexts(_ body: (_ train: String, _ valid: String) throws -> Void) throws {
    let texts = [
      "de\tich bin hier", "en\tI am here", "es\testoy aquí", "de\two bist du", "en\twhere are you", "es\t¿dónde estás?",
    ]
    try withTemporaryFile(Array(repeating: texts, count: 6).joined().joined(separator: "\n")) { train in
      try withTemporaryFile("de\two bin ich\nen\there you are\nes\t¿dónde estoy?\nde\tdu bist hier") { valid in
        try body(train, valid)
      }
    }
  }

  @Test("the same seed and number of trials give the same options, which give the same classifier")
  func isReproducible() throws {
    try withTexts { train, valid in
      let base = ["--train", train, "--valid", valid, "--seed", "5"] + fixed
      func tune(_ file: String) throws -> [[String]] {
        let result = try program.run(base + ["--tune", "1000", "--trials", "4", "--save", file])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("trial 1  ") && result.errors.contains("trial 4  "))
        #expect(!result.errors.contains("trial 5"))
        return result.lines.map { $0.split(separator: "\t").map(String.init) }
      }
      let (first, second, third) = (train + ".1", train + ".2", train + ".3")
      defer { for file in [first, second, third] { try? FileManager.default.removeItem(atPath: file) } }
      let (table, again) = (try tune(first), try tune(second))
      #expect(table.count == 5 && table[0] == ["score", "seconds", "options"])
      #expect(table.map { [$0[0], $0[2]] } == again.map { [$0[0], $0[2]] })
      let scores = table.dropFirst().map { Double($0[0])! }
      #expect(scores == scores.sorted(by: >) && table.dropFirst().contains { $0[2] == "as given" })
      #expect(Set(table.map { $0[2] }).count == 5)  // no trial twice

      let best = table[1][2] == "as given" ? [] : table[1][2].split(separator: " ").map(String.init)
      #expect(try program.run(base + best + ["--save", third]).status == 0)
      let files = try [first, second, third].map { try Data(contentsOf: URL(filePath: $0)) }
      #expect(files[0] == files[1] && files[0] == files[2])
    }
  }

  @Test("one trial is made, however short the time; its scores are in the log")
  func shortTimes() throws {
    try withTexts { train, valid in
      let log = train + ".log"
      defer { try? FileManager.default.removeItem(atPath: log) }
      let result = try program.run(["--train", train, "--valid", valid, "--tune", "0.001", "--log", log] + fixed)
      #expect(result.status == 0 && result.lines.count == 2 && result.lines[1].hasSuffix("\tas given"))
      let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      #expect(lines.count { $0.contains(#""event":"trial""#) && $0.contains(#""options":"as given""#) } == 1)
    }
  }

  @Test("where only one option is left to choose, each of its values is tried once")
  func fewChoices() throws {
    try withTexts { train, valid in
      let given = ["--word-ngrams", "1", "--epochs", "2", "--learning-rate", "0.1"]
      let result = try program.run(
        ["--train", train, "--valid", valid, "--tune", "1000", "--quiet"] + given + fixed)
      #expect(result.status == 0 && result.lines.count == 6, "\(result.output)")  // the line above, as given, and 4
      let options = result.lines.map { $0.split(separator: "\t").last! }
      #expect(Set(options).count == 6 && !options.contains("--dense-learning-rate 0.01"))  // which is as given
    }
  }

  @Test("without n-grams their buckets don't matter, and nothing is tried twice")
  func sameSettings() throws {
    try withTexts { train, valid in
      let given = [
        "--word-ngrams", "1", "--char-ngrams", "0", "--dimensions", "4", "--epochs", "2", "--learning-rate", "0.1",
        "--dense-learning-rate", "0.01",
      ]
      let result = try program.run(["--train", train, "--valid", valid, "--tune", "1000", "--quiet"] + given)
      #expect(result.status == 0 && result.lines.count == 2 && result.lines[1].hasSuffix("\tas given"))
    }
  }

  @Test("interrupted, it prints the trials so far", .timeLimit(.minutes(1)))
  func interruptions() throws {
    try withTexts { train, valid in
      let options = ["--train", train, "--valid", valid, "--tune", "1000", "--save", train + ".model"] + fixed
      let result = try program.interrupt(afterWriting: "trial 2  ", options)
      #expect(result.status == 130 && result.errors.contains("\nTextClassifier: interrupted in trial "))
      #expect(result.lines.count >= 3 && result.lines[0] == "score\tseconds\toptions", "\(result.output)")
      #expect(result.lines.contains { $0.hasSuffix("\tas given") })
      #expect(!FileManager.default.fileExists(atPath: train + ".model"))
    }
  }

  /// There is no room for the table before the signal, so that the program can't go on to train.
  @Test("interrupted after its last trial, it prints them and ends", .timeLimit(.minutes(1)))
  func lateInterruption() throws {
    try withTexts { train, valid in
      let options = ["--train", train, "--valid", valid, "--tune", "1000", "--trials", "2"] + fixed
      let result = try program.interrupt(afterWriting: "trial 2  ", waitsToPrint: true, options)
      #expect(result.status == 130 && result.errors.hasSuffix("TextClassifier: interrupted after trial 2\n"))
      #expect(result.lines.count == 3 && result.lines[0] == "score\tseconds\toptions", "\(result.output)")
    }
  }

  /// A trial that diverges is in the table, without a score, and is never the best.
  @Test func failedTrials() throws {
    try withTexts { train, valid in
      let result = try program.run(
        ["--train", train, "--valid", valid, "--tune", "1000", "--trials", "3", "--learning-rate", "1e38"] + fixed)
      #expect(result.status == 1 && result.errors.contains("finite"))  // as given it fails: nothing to go on from
      #expect(result.output.isEmpty)  // no table, since it would be empty
    }
  }

  @Test(
    arguments: [
      (["--train", "a", "--tune", "5"], "--tune needs --valid FILE"),
      (["--tune", "5", "--checkpoint", "c"], "--tune and --checkpoint exclude each other"),
      (["--trials", "5"], "--trials needs --tune SECONDS"),
      (["--tune", "0"], "--tune: found “0”, expected a number in 0.001...1000000000"),
    ])
  func misuse(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
  }
}
