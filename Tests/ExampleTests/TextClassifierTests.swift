import Foundation
import TestSupport
import Testing

/// What the program learns and prints.
struct TextClassifierTests {
  private let program = Program(name: "TextClassifier")

  /// Few rows and columns, so that unoptimized builds are quick as well.
  private let small = ["--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1"]

  private static let animals = (0..<40).map { "animal\tthe \(["cat", "dog", "cow", "pig"][$0 % 4]) sleeps \($0)" }
  private static let numbers = (0..<40).map { "number\t\(["one", "two", "six", "ten"][$0 % 4]) plus \($0)" }
  private let lines = (animals + numbers).joined(separator: "\n")

  private struct Results: Decodable {
    let trainExamples: Int
    let testExamples: Int?
    let testAccuracy: Double?
    let trainSeconds: Double
    let stepSeconds: Double
    let epochs: Int
  }

  private func results(_ line: String?) throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(try #require(line).utf8))
  }

  @Test("it learns from a file, tests, classifies and ends with JSON", arguments: ["sparse-adam", "adam", "sgd"])
  func learns(optimizer: String) throws {
    try withTemporaryFile(lines) { file in
      let rate = optimizer == "sgd" ? ["--learning-rate", "10"] : []
      let result = try program.run(
        ["--train", file, "--test", file, "--optimizer", optimizer, "--classify", "the cow sleeps", "--json"]
          + small + rate)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.lines[0] == "test accuracy 1.0000: 80 of 80 test texts")
      #expect(result.lines[1].hasPrefix("“the cow sleeps”: animal "))
      let results = try results(result.lines.last)
      #expect(results.trainExamples == 80 && results.testExamples == 80 && results.epochs == 5)
      #expect(results.testAccuracy == 1)
      #expect(0 < results.stepSeconds && results.stepSeconds < results.trainSeconds)
      #expect(result.errors.contains("epoch 5/5"))
    }
  }

  @Test("a saved classifier says what it said when it was trained, and nothing else is taken for one")
  func savesAndLoads() throws {
    try withTemporaryFile(lines) { file in
      let model = file + ".safetensors"
      let questions = ["--test", file, "--classify", "the cow sleeps", "--classify", "six", "--quiet"]
      let trained = try program.run(["--train", file, "--save", model] + questions + small)
      let loaded = try program.run(["--load", model] + questions)
      #expect(trained.status == 0 && loaded.status == 0, "\(loaded.errors)")
      #expect(trained.lines.count == 3 && loaded.output == trained.output)
      let other = try program.run(["--load", file] + questions)
      #expect(other.status == 2 && other.output.isEmpty && other.errors.hasPrefix("TextClassifier: \(file): found "))
    }
  }

  @Test("fastText's lines give what tab-separated ones give")
  func readsFastTextLines() throws {
    try withTemporaryFile(lines) { file in
      try withTemporaryFile(
        lines.split(separator: "\n").map { "__label__" + $0.replacing("\t", with: " ") }.joined(separator: "\n")
      ) { fastText in
        let outputs = try [file, fastText].map { file in
          try program.run(["--train", file, "--classify", "two plus two", "--quiet"] + small)
        }
        #expect(outputs[0].output == outputs[1].output)
        #expect(outputs[0].output.hasPrefix("“two plus two”: number "))
        #expect(outputs[0].errors.isEmpty)
      }
    }
  }

  @Test("the same seed gives the same result, another one another")
  func isReproducible() throws {
    try withTemporaryFile(lines) { file in
      let outputs = try ["1", "1", "2"].map { seed in
        try program.run(
          ["--train", file, "--classify", "a cat", "--epochs", "1", "--seed", seed, "--quiet"] + small
        ).output
      }
      #expect(outputs[0] == outputs[1])
      #expect(outputs[0] != outputs[2])
    }
  }

  @Test("a learning rate that leads to NaN stops with the parameter's name")
  func stopsAtNaN() throws {
    try withTemporaryFile(lines) { file in
      let result = try program.run(
        ["--train", file, "--optimizer", "sgd", "--quiet"] + small
          + ["--learning-rate", "1e38", "--dense-learning-rate", "1e38"])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("is not a finite number, first seen in the gradient of "))
    }
  }

  @Test("a last step that spoils the model gives no result")
  func stopsAtASpoiltModel() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let result = try program.run(
        small + [
          "--train", file, "--classify", "b", "--epochs", "1", "--optimizer", "sgd", "--learning-rate", "1e300",
        ])
      #expect(result.status == 1)
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("TextClassifier: embedding.weight holds numbers that are not finite"))
    }
  }

  @Test("without a test file its accuracy is null")
  func hasNoTestAccuracyWithoutTestFile() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let line = try program.run(["--train", file, "--json"] + small).lines.last
      #expect(line?.contains(#""testAccuracy":null,"testExamples":0,"#) == true)
    }
  }

  #if !DEBUG
    @Test("names in 40 languages: at least 0.915")
    func learnsLanguages() throws {
      let result = try program.run("--json")
      let results = try results(result.lines.last)
      #expect(try #require(results.testAccuracy) >= 0.915)
      #expect(results.epochs <= 5)
    }

    private static let shared = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../shared/data")

    @Test(
      "the shared data sets reach their accuracy",
      .enabled(if: FileManager.default.fileExists(atPath: shared.path), "no shared data beside the package"),
      arguments: [
        ("clinc150", ["--word-ngrams", "2", "--char-ngrams", "0"], 0.91),
        ("languages", ["--char-ngrams", "1-4"], 0.93),
        ("movie_reviews", ["--word-ngrams", "2", "--char-ngrams", "0"], 0.75),
      ])
    func learnsSharedData(name: String, options: [String], accuracy: Double) throws {
      func path(_ part: String) -> String { Self.shared.appending(path: "\(name).\(part).tsv").path }
      let result = try program.run(
        ["--train", path("train"), "--valid", path("valid"), "--test", path("test"), "--json"] + options)
      #expect(try #require(try results(result.lines.last).testAccuracy) >= accuracy)
    }
  #endif
}
