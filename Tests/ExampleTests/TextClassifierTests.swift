import Foundation
import SliceGradTraining
import TestSupport
import Testing

/// What the program learns and prints.
struct TextClassifierTests {
  private let program = Program(name: "TextClassifier")
  private let small = AnimalsAndNumbers.options
  private let lines = AnimalsAndNumbers.lines

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
      let first = try Data(contentsOf: URL(filePath: model))
      #expect(try program.run(["--train", file, "--save", model, "--quiet"] + small).status == 0)
      #expect(try Data(contentsOf: URL(filePath: model)) == first)
      let loaded = try program.run(["--load", model] + questions)
      #expect(trained.status == 0 && loaded.status == 0, "\(loaded.errors)")
      #expect(trained.lines.count == 3 && loaded.output == trained.output)
      let other = try program.run(["--load", file] + questions)
      #expect(other.status == 2 && other.output.isEmpty && other.errors.hasPrefix("TextClassifier: \(file): found "))
    }
  }

  @Test("carriage returns end lines")
  func readsCarriageReturns() throws {
    let outputs = try ["\n", "\r", "\r\n"].map { end in
      try withTemporaryFile(lines.replacing("\n", with: end)) { file in
        try program.run(["--train", file, "--test", file, "--classify", "the cow sleeps", "--quiet"] + small).output
      }
    }
    #expect(outputs[0].hasPrefix("test accuracy 1.0000: 80 of 80") && outputs == [outputs[0], outputs[0], outputs[0]])
  }

  /// Its log is longer than a pipe holds, so that it can't end before the test has read of its second epoch.
  @Test("a training that is interrupted goes on from its checkpoint to the same classifier, and no other does")
  func goesOn() throws {
    try withTemporaryFile(lines) { file in
      let (checkpoint, model) = (file + ".checkpoint", file + ".safetensors")
      let training = ["--train", file, "--valid", file, "--epochs", "1000", "--save", model] + small
      #expect(try program.run(training + ["--quiet"]).status == 0)
      let expected = try Data(contentsOf: URL(filePath: model))

      let otherTraining =
        "found a training with other texts, features, labels, loss, weights, seed, batch size or shards, "
        + "expected this one's"
      let resumable = training + ["--checkpoint", checkpoint]
      try FileManager.default.removeItem(atPath: model)
      #expect(try program.interrupt(afterWriting: "epoch 2/1000", resumable).status == 130)
      #expect(!FileManager.default.fileExists(atPath: model))
      for (options, words) in [
        (["--dense-learning-rate", "0.1"], "tensor “output.bias”: found Adam<Float> with "),
        (["--seed", "2"], otherTraining), (["--char-ngrams", "2-3"], otherTraining),
        (["--loss", "independent"], otherTraining), (["--class-weights", "animal=2"], otherTraining),
      ] {
        let other = try program.run(resumable + options)
        #expect(other.status == 2 && other.errors.contains("\(checkpoint): \(words)"), "\(other.errors)")
      }
      let longer = try program.run(resumable + ["--epochs", "1001"])
      #expect(longer.status == 2 && longer.errors.contains("found schedule linear("), "\(longer.errors)")
      #expect(longer.errors.hasSuffix("; go on with the --epochs of before, or remove the file to begin anew\n"))
      let result = try program.run(resumable)
      #expect(result.status == 0 && result.errors.contains("going on after step "))
      #expect(try Data(contentsOf: URL(filePath: model)) == expected)
      // What is complete is only loaded.
      let complete = try program.run(resumable)
      #expect(complete.status == 0 && !complete.errors.contains("epoch 1000/1000"))
      #expect(try Data(contentsOf: URL(filePath: model)) == expected)
    }
  }

  /// A saved classifier, whose file the body may change.
  private func withSavedClassifier(_ body: (String) throws -> Void) throws {
    try withTemporaryFile(lines) { file in
      let model = file + ".safetensors"
      #expect(try program.run(["--train", file, "--save", model, "--quiet"] + small).status == 0)
      try body(model)
    }
  }

  /// Writes a file again, with other metadata or with other numbers or bytes of a tensor.
  private func change(
    _ path: String, metadata: (String) -> String = { $0 }, tensor: String = "", _ bytes: [UInt8] = [],
    without missing: String? = nil
  ) throws {
    let file = try SafetensorsFile(path: path)
    var writer = SafetensorsWriter(metadata: file.metadata.mapValues(metadata))
    for entry in file.entries where entry.name != missing {
      let old = Array(try file.bytes(of: entry.name))
      let new = entry.name == tensor ? bytes + (entry.dtype == .u8 ? [] : old.dropFirst(bytes.count)) : old
      let shape = entry.dtype == .u8 ? [new.count] : entry.shape
      writer.add(entry.name, dtype: entry.dtype, shape: shape, pieces: [new])
    }
    try writer.write(to: URL(filePath: path))
  }

  private func expectRefusal(
    _ model: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try program.run("--load", model, "--classify", "a cat")
    #expect(result.status == 2 && result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors == "TextClassifier: \(model): \(message)\n", sourceLocation: sourceLocation)
  }

  @Test("a file with numbers that aren't finite")
  func refusesNaN() throws {
    try withSavedClassifier { model in
      try change(model, tensor: "output.weight", [0, 0, 0xC0, 0x7F])
      try expectRefusal(model, "tensor “output.weight”: found numbers that are not finite, expected finite ones")
    }
  }

  @Test("a damaged file")
  func refusesDamage() throws {
    try withSavedClassifier { model in
      var bytes = try Data(contentsOf: URL(filePath: model))
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: URL(filePath: model))
      let result = try program.run("--load", model, "--classify", "a cat")
      #expect(result.status == 2 && result.output.isEmpty && result.errors.contains("the file is damaged"))
    }
  }

  @Test("a file whose parts don't fit, whatever sizes it gives")
  func refusesWhatDoesNotFit() throws {
    let unread =
      "found no features in the metadata, "
      + "expected a file that --save wrote; an older one has its words there, and has to be trained anew"
    try withSavedClassifier { model in
      let whole = try Data(contentsOf: URL(filePath: model))
      let rows = try SafetensorsFile(path: model)["embedding.weight"]!.shape[0]
      let words = try rows - SafetensorsFile(path: model)["buckets.kept"]!.shape[0]
      for buckets in [2_000_000_000, Int(Int32.max)] {  // in a file of an older version, where all have rows
        try change(
          model, metadata: { $0.replacing(#""buckets":1000"#, with: #""buckets":\#(buckets)"#) },
          without: "buckets.kept")
        try expectRefusal(
          model, "tensor “embedding.weight”: found shape [\(rows), 8], expected shape [\(words + buckets), 8]")
        try whole.write(to: URL(filePath: model))
      }
      for (buckets, first) in [(7, UInt8(0)), (1000, 255)] {
        try change(
          model, metadata: { $0.replacing(#""buckets":1000"#, with: #""buckets":\#(buckets)"#) },
          tensor: "buckets.kept", [first, first])
        try expectRefusal(
          model,
          "tensor “buckets.kept”: found numbers that don't rise or are too large, expected rising ones below \(buckets)"
        )
        try whole.write(to: URL(filePath: model))
      }
      for (old, new) in [
        (#""buckets":1000"#, #""buckets":-1"#), (#""wordNGrams":1"#, #""wordNGrams":0"#), ("[1,3]", "[0,3]"),
        ("[1,3]", "[3,1]"), ("configuration", "features"),
      ] {
        try change(model, metadata: { $0.replacing(old, with: new) })
        try expectRefusal(model, unread)
        try whole.write(to: URL(filePath: model))
      }
      try change(model, metadata: { $0.replacing("[1,3]", with: "[1,\(Int.max)]") })
      #expect(try program.run("--load", model, "--classify", "a cat").status == 0)

      try change(model, tensor: "labels", Array("a\nb\nc".utf8))
      try expectRefusal(model, "tensor “output.weight”: found shape [2, 8], expected shape [3, 8]")
      try change(model, tensor: "labels", Array("a\na".utf8))
      try expectRefusal(model, "tensor “labels”: found none, or one twice, expected different labels")
      try change(model, tensor: "labels")
      try expectRefusal(model, "tensor “labels”: found none, or one twice, expected different labels")
      try change(model, tensor: "words", Array("a\na".utf8))
      try expectRefusal(model, "tensor “words”: found a word twice, expected different words")
    }
  }

  /// One step an epoch: the first leads so far that the loss of the second is no number.
  @Test("a training that fails in a late epoch saves the best one")
  func savesTheBestEpoch() throws {
    try withTemporaryFile(lines) { file in
      let model = file + ".safetensors"
      let result = try program.run(
        ["--train", file, "--valid", file, "--save", model, "--classify", "a cat", "--optimizer", "sgd"] + small
          + ["--batch-size", "80", "--learning-rate", "1e30", "--dense-learning-rate", "1e30"])
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.errors.contains("taking the model of epoch 1\nTextClassifier: the loss of step 2 is not a finite"))
      #expect(try program.run("--load", model, "--test", file).status == 0)
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

  @Test("labels that training never saw count as wrong, and are named")
  func countsUnseenLabels() throws {
    try withTemporaryFile(lines) { train in
      try withTemporaryFile("animal\ta dog sleeps\nplant\ta dog\n", name: "test.tsv") { test in
        let result = try program.run(["--train", train, "--valid", test, "--test", test] + small)
        let warning = "1 of 2 texts has a label that training never showed, and counts as wrong: “plant”"
        #expect(result.status == 0 && result.errors.contains("validation: \(warning)\n"))
        #expect(result.errors.contains("validation accuracy 0.5000"))
        #expect(result.lines == ["test accuracy 0.5000: 1 of 2 test texts", warning])
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
