import Foundation
import TestSupport
import Testing

/// What TextClassifier does with texts that have several labels, and with weights.
struct SeveralLabelsTests {
  private let program = Program(name: "TextClassifier")
  private let small = [
    "--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1",
    "--dense-learning-rate", "0.05",
  ]

  /// Texts about animals, about numbers, and about both.
  private static let lines: [String] = {
    let (animals, numbers) = (["cat", "dog", "cow", "pig"], ["one", "two", "six", "ten"])
    let one = animals.map { "__label__animal the \($0) sleeps" } + numbers.map { "__label__number \($0) plus \($0)" }
    let both = zip(animals, numbers).map { "__label__number __label__animal \($1) plus \($1) and the \($0)" }
    return Array(repeating: one + both, count: 8).flatMap(\.self)
  }()

  private func withClassifier(_ options: [String] = [], _ body: (String, Program.Result) throws -> Void) throws {
    try withTemporaryFile(Self.lines.joined(separator: "\n")) { file in
      let model = file + ".safetensors"
      let result = try program.run(
        ["--train", file, "--valid", file, "--test", file, "--save", model, "--json"] + small + options)
      #expect(result.status == 0, "\(result.errors)")
      try body(model, result)
    }
  }

  @Test("several labels in a line make them independent, and the scores are those of label sets")
  func learns() throws {
    try withClassifier { model, result in
      #expect(result.errors.contains("learning 2 labels from 96 texts, "))
      #expect(result.errors.contains("; loss: independent\n"))
      #expect(result.errors.contains("  validation micro F1 1.0000  "))
      #expect(
        result.lines.dropLast() == [
          "test precision 1.0000: 128 of 128 labels given are right",
          "test recall 1.0000: 128 of 128 labels of 96 test texts are given",
          "test F1 1.0000 (micro), 1.0000 (macro)",
        ])
      #expect(result.lines.last?.contains(#""testAccuracy":null"#) == true)
      #expect(result.lines.last?.contains(#""testMacroF1":1,"testMicroF1":1,"testPrecision":1,"testRecall":1"#) == true)

      let texts = "the pig sleeps\nsix plus six\nten plus ten and the cow"
      func labels(_ options: String...) throws -> [[String]] {
        let result = try program.run(["predict", "--load", model] + options, input: texts)
        #expect(result.status == 0 && result.errors.isEmpty)
        return result.lines.map { line in
          line.split(separator: "\t").enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }
        }
      }
      for labels in try [labels(), labels("--threshold", "0.53")] {
        #expect(labels.map { $0.sorted() } == [["animal"], ["number"], ["animal", "number"]])
      }
      #expect(try labels("--top", "1").allSatisfy { $0.count == 1 })
      #expect(try labels("--top", "5").allSatisfy { $0.count == 2 })
      #expect(try labels("--threshold", "0").allSatisfy { $0.count == 2 })
    }
  }

  @Test("test: precision@K and recall@K, by label, and labels that training never showed")
  func tests() throws {
    try withClassifier(["--quiet"]) { model, _ in
      let texts = [
        "__label__animal __label__plant the cow sleeps", "__label__plant the pig sleeps",
        "__label__number six plus six and the cow", "__label__number __label__animal two plus two and the dog",
      ]
      try withTemporaryFile(texts.joined(separator: "\n"), name: "test.txt") { file in
        func test(_ options: String...) throws -> [String] {
          let result = try program.run(["test", "--load", model, "--test", file] + options)
          #expect(result.status == 0 && result.errors.isEmpty)
          return result.lines
        }
        let warning = "2 of 4 texts have a label that training never showed, and miss it: “plant”"
        let byLabel = try test("--by-label")
        #expect(
          byLabel == [
            "test precision 0.6667: 4 of 6 labels given are right",
            "test recall 0.6667: 4 of 6 labels of 4 test texts are given", "test F1 0.6667 (micro), 0.5556 (macro)",
            warning, "label\ttexts\tprecision\trecall\tF1", "animal\t2\t0.5000\t1.0000\t0.6667",
            "number\t2\t1.0000\t1.0000\t1.0000",
          ])
        let two = try test("--top", "2")
        #expect(
          two.prefix(2) == [
            "test precision@2 0.5000: 4 of 8 labels given are right",
            "test recall@2 0.6667: 4 of 6 labels of 4 test texts are given",
          ])
        let sure = try test("--threshold", "1")
        #expect(sure[0] == "test precision –: 0 of 0 labels given are right")
      }
    }
  }

  @Test("softmax takes texts of one label, and tells of --top and of test texts with several as fastText does")
  func softmax() throws {
    try withTemporaryFile(Self.lines.joined(separator: "\n")) { several in
      let refused = try program.run(["--train", several, "--loss", "softmax", "--quiet"] + small)
      #expect(refused.status == 2 && refused.output.isEmpty)
      #expect(
        refused.errors
          == "TextClassifier: \(several):9: found a second label “animal”, expected one label a text; "
          + "--loss independent takes several\n")

      try withTemporaryFile(Self.lines.filter { !$0.contains(" __label__") }.joined(separator: "\n")) { single in
        let trained = try program.run(
          ["--train", single, "--valid", several, "--test", several, "--save", single + ".model"] + small)
        #expect(trained.errors.contains("; loss: softmax\n") && trained.errors.contains("validation accuracy 1.0000"))
        #expect(
          trained.lines == [
            "test precision@1 1.0000: 96 of 96 labels given are right",
            "test recall@1 0.7500: 96 of 128 labels of 96 test texts are given",
            "test F1 0.8571 (micro), \(macroF1(trained)) (macro)",
          ])
        let top = try program.run("test", "--load", single + ".model", "--test", single, "--top", "2")
        #expect(
          top.lines.prefix(2) == [
            "test precision@2 0.5000: 64 of 128 labels given are right",
            "test recall@2 1.0000: 64 of 64 labels of 64 test texts are given",
          ])
      }
    }
  }

  /// It depends on which of both labels a text is given.
  private func macroF1(_ result: Program.Result) -> String {
    String(result.lines.last?.split(separator: ", ").last?.prefix(6) ?? "")
  }

  @Test("one label a line can be independent too")
  func independentSingleLabels() throws {
    try withTemporaryFile(Self.lines.filter { !$0.contains(" __label__") }.joined(separator: "\n")) { file in
      let result = try program.run(
        ["--train", file, "--test", file, "--save", file + ".model", "--loss", "independent", "--quiet"] + small)
      #expect(result.lines.first == "test precision 1.0000: 64 of 64 labels given are right")
      let strange = try program.run(["predict", "--load", file + ".model", "--top", "2"], input: "the cow sleeps")
      let numbers = strange.output.split(separator: "\t").compactMap { Double($0.filter { $0 != "\n" }) }
      #expect(numbers.count == 2 && numbers[0] > 0.5 && numbers[1] < 0.5)
      #expect(abs(numbers.reduce(-1, +)) > 0.01, "they add up to 1 as those of softmax")
    }
  }

  @Test("what softmax saves is what it was before there were losses, and means softmax")
  func savesTheLoss() throws {
    try withClassifier { model, _ in
      let file = try Data(contentsOf: URL(filePath: model))
      #expect(file.contains(#"\"loss\":\"independent\""#))
    }
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let result = try program.run(["--train", file, "--save", file + ".model", "--quiet"] + small)
      let saved = try Data(contentsOf: URL(filePath: file + ".model"))
      #expect(result.status == 0 && !saved.contains("loss"))
    }
  }

  /// Texts that nothing tells apart: a label is the more probable the more it counts.
  private func probabilityOfRare(_ options: [String]) throws -> Double {
    let lines = Array(repeating: "rare\tx", count: 4) + Array(repeating: "usual\tx", count: 12)
    return try withTemporaryFile(lines.joined(separator: "\n")) { file in
      let model = file + ".model"
      let weights = (Array(repeating: "3", count: 4) + Array(repeating: "1", count: 12)).joined(separator: "\n")
      try Data(weights.utf8).write(to: URL(filePath: file + ".weights"))
      let trained = try program.run(
        ["--train", file, "--save", model, "--batch-size", "16", "--epochs", "200", "--quiet"] + small
          + options.map { $0 == "WEIGHTS" ? file + ".weights" : $0 })
      #expect(trained.status == 0, "\(trained.errors)")
      let fields = try program.run(["predict", "--load", model, "--top", "2"], input: "x").lines[0]
        .split(separator: "\t")
      return try #require(Double(fields[fields.firstIndex(of: "rare")! + 1]))
    }
  }

  /// With factor w of each of r rare and u usual ones, the best probability of a rare one is w r / (w r + u).
  @Test(
    "weights of classes and of texts multiply losses",
    arguments: [
      ([], 0.25), (["--class-weights", "balanced"], 0.5), (["--class-weights", "rare=3"], 0.5),
      (["--class-weights", "rare=6,usual=2"], 0.5), (["--weights", "WEIGHTS"], 0.5),
      (["--weights", "WEIGHTS", "--class-weights", "rare=3"], 0.75),
      (["--loss", "independent", "--class-weights", "rare=9"], 0.75), (["--loss", "independent"], 0.25),
      (["--loss", "independent", "--weights", "WEIGHTS"], 0.5),
    ])
  func weighs(options: [String], expected: Double) throws {
    let probability = try probabilityOfRare(options)
    #expect(abs(probability - expected) < 0.01, "\(options)")
  }

  /// A quarter of the training texts has the rare label, and all validation texts have it.
  @Test("labels are given from the probability on that does best on the validation texts")
  func savesTheThreshold() throws {
    let lines =
      Array(repeating: "__label__usual __label__rare x", count: 4) + Array(repeating: "__label__usual x", count: 12)
    try withTemporaryFile(lines.joined(separator: "\n")) { file in
      try withTemporaryFile("__label__usual __label__rare x", name: "valid.txt") { valid in
        let model = file + ".model"
        let trained = try program.run(
          [
            "--train", file, "--valid", valid, "--test", valid, "--save", model, "--batch-size", "16", "--epochs",
            "100",
          ]
            + small)
        #expect(trained.errors.contains("\nlabels of a probability of 0.45 or more are given: "), "\(trained.errors)")
        #expect(trained.lines.first == "test precision 1.0000: 2 of 2 labels given are right")
        let quantized = try program.run("quantize", "--load", model, "--save", model + ".small")
        #expect(quantized.status == 0)
        for model in [model, model + ".small"] {
          let predicted = try program.run(["predict", "--load", model], input: "x")
          #expect(predicted.output.contains("\trare\t0.45"))
          let sure = try program.run(["predict", "--load", model, "--threshold", "0.5"], input: "x")
          #expect(sure.output.hasPrefix("usual\t") && !sure.output.contains("rare"))
          let tested = try program.run("test", "--load", model, "--test", valid)
          #expect(tested.lines == trained.lines)
        }
      }
    }
  }

  @Test(
    "what the options refuse",
    arguments: [
      (["--weights", "w"], "--weights needs --train FILE"),
      (["--loss", "ova"], "--loss: found “ova”, expected one of softmax, independent"),
      (["--class-weights", "en=x"], "--class-weights: found “en=x”, expected label=weight, a weight in "),
      (["--load", "m", "--loss", "softmax"], "--loss and --load exclude each other: what is loaded isn't trained"),
    ])
  func refuses(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2 && result.output.isEmpty && result.errors.hasPrefix("TextClassifier: \(message)"))
  }

  @Test("as many weights as texts")
  func countsWeights() throws {
    try withTemporaryFile("a\tb\n\nc\td\n") { file in
      try withTemporaryFile("1\n2\n3\n", name: "weights") { weights in
        let result = try program.run("--train", file, "--weights", weights)
        #expect(result.status == 2)
        #expect(
          result.errors == "TextClassifier: \(weights): found 3 weights, expected 2, one for each text of \(file)\n")
      }
    }
  }
}

extension Data {
  fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
