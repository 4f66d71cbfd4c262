import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import SliceGradTraining
import TestSupport
import Testing

@testable import TextClassifier

/// Small files of a saved classifier, and what is read of a large one.
struct QuantizeCommandTests {
  private let program = Program(name: "TextClassifier")

  private static let animals = ["cat", "dog", "cow", "pig"].flatMap { ["animal\tthe \($0) sleeps", "animal\ta \($0)"] }
  private static let numbers = ["one", "two", "six", "ten"].flatMap {
    ["number\t\($0) plus \($0)", "number\t\($0) is"]
  }
  private static let lines = Array(repeating: animals + numbers, count: 5).joined().joined(separator: "\n")
  private let small = [
    "--dimensions", "7", "--buckets", "1000", "--char-ngrams", "1-3", "--learning-rate", "0.1", "--quiet",
  ]
  private let texts = ["the cow sleeps", "", "six plus two", "Ten cats", "é unknown", "a"]

  /// A classifier, and the texts that it was trained on.
  private func withClassifier(_ body: (_ model: String, _ texts: String) throws -> Void) throws {
    try withTemporaryFile(Self.lines) { file in
      let model = file + ".safetensors"
      let result = try program.run(["train", "--train", file, "--save", model] + small)
      #expect(result.status == 0, "\(result.errors)")
      try body(model, file)
    }
  }

  private func size(_ file: String) throws -> Int { try Data(contentsOf: URL(filePath: file)).count }

  /// The same labels and bits of their probabilities, read as a whole and in parts.
  private func expectSameLabels(_ file: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let mapped = try #require(try MappedClassifier(contentsOf: file))
    let whole = try Classifier(contentsOf: file)
    let (found, expected) = (try mapped.labels(2, of: texts), whole.mostProbable(2, of: texts))
    #expect(found.count == texts.count)
    for (found, expected) in zip(found, expected) {
      #expect(found.map(\.label) == expected.map(\.label), sourceLocation: sourceLocation)
      #expect(found.map(\.probability) == expected.map(\.probability), sourceLocation: sourceLocation)
    }
    let alone = try texts.map { try mapped.labels(2, of: [$0])[0] }
    #expect(alone.map { $0.map(\.probability) } == expected.map { $0.map(\.probability) })
  }

  @Test("parts of a file give what the whole gives, with all bits, with few and with some rows")
  func readsParts() throws {
    try withClassifier { model, file in
      try expectSameLabels(model)
      let small = model + ".small"
      for options in [["--bits", "8"], ["--bits", "4"], ["--texts", file], ["--max-size", "4500", "--train", file]] {
        let result = try program.run(["quantize", "--load", model, "--save", small, "--quiet"] + options)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        try expectSameLabels(small)
        let tested = try program.run("test", "--load", small, "--test", file)
        #expect(tested.output.hasPrefix("test accuracy 1.0000"), "\(options)")
        let predicted = try program.run(["predict", "--load", small], input: "the cow sleeps\nsix\n")
        #expect(predicted.lines.map { $0.prefix { $0 != "\t" } } == ["animal", "number"])
      }
    }
  }

  @Test("the weights are off by half a step at most, and what is small can be made smaller")
  func rounds() throws {
    try withClassifier { model, file in
      let small = model + ".small"
      let table = try Classifier(contentsOf: model).model.embedding.weight.value
      for (bits, steps) in [("8", Float(127)), ("4", 7)] {
        #expect(try program.run("quantize", "--load", model, "--save", small, "--bits", bits).status == 0)
        let read = try Classifier(contentsOf: small).model.embedding.weight.value
        #expect(read.shape == table.shape)
        for row in 0..<table.shape[0] {
          let largest = (0..<7).map { abs(table[row, $0]) }.max()!
          for column in 0..<7 { #expect(abs(read[row, column] - table[row, column]) <= 0.51 * largest / steps) }
        }
      }
      let smaller = model + ".smaller"
      let result = try program.run(
        "quantize", "--load", small, "--save", smaller, "--bits", "4", "--max-size", "5KB", "--train", file, "--quiet")
      #expect(result.status == 0, "\(result.errors)")
      let again = try program.run(
        "quantize", "--load", smaller, "--save", small, "--bits", "4", "--max-size", "4KB", "--texts", file, "--quiet")
      #expect(again.status == 0, "\(again.errors)")
      try expectSameLabels(small)
      #expect(try program.run("test", "--load", small, "--test", file).output.hasPrefix("test accuracy 1.0000"))
      #expect(try program.run("quantize", "--load", small, "--save", smaller).status == 0)
      #expect(try Data(contentsOf: URL(filePath: smaller)) == Data(contentsOf: URL(filePath: small)), "as few bits")
      let refused = try program.run("quantize", "--load", small, "--save", smaller, "--bits", "8")
      let message = "--bits: found “8”, expected 4 at most, as the weights in the file of --load have"
      #expect(refused.status == 2 && refused.errors == "TextClassifier: \(message)\n")
    }
  }

  @Test("no file is larger than it may be, nor much smaller, and the same command gives the same bytes")
  func keepsToTheSize() throws {
    try withClassifier { model, file in
      let small = model + ".small"
      let command = ["quantize", "--load", model, "--save", small, "--bits", "4", "--texts", file]
      #expect(try program.run(command).status == 0)
      let whole = try size(small)
      for limit in [whole + 100, whole - 100, whole - 333, whole - 600] {
        let arguments = command + ["--max-size", "\(limit)"]
        let result = try program.run(arguments)
        let found = try size(small)
        #expect(result.status == 0 && result.lines == ["\(small): \(found) bytes, 4 bits a weight"])
        #expect(found <= limit && (found > limit - 100 || found == whole), "\(found) of \(limit)")
        let bytes = try Data(contentsOf: URL(filePath: small))
        #expect(try program.run(arguments).status == 0)
        #expect(try Data(contentsOf: URL(filePath: small)) == bytes)
      }
    }
  }

  @Test("the least size that is named is enough")
  func namesTheLeastSize() throws {
    try withClassifier { model, _ in
      let command = ["quantize", "--load", model, "--save", model + ".small", "--max-size"]
      let message = try program.run(command + ["9"]).errors
      let least = try #require(message.wholeMatch(of: /.*: found “9”, expected at least (\d+) bytes, for the .*\n/)?.1)
      let fitting = try program.run(command + ["\(least)"])
      #expect(fitting.status == 0 && fitting.errors.hasPrefix("0 of ") && fitting.errors.hasSuffix(" rows are left\n"))
      #expect(try program.run(command + ["\(Int(least)! - 1)"]).errors.hasSuffix(message.suffix(40)))
    }
  }

  @Test("rows that no text has go, and the accuracy that is lost is printed")
  func prunes() throws {
    try withClassifier { model, file in
      let small = model + ".small"
      try withTemporaryFile("the cow\nsix") { some in
        let result = try program.run(
          "quantize", "--load", model, "--save", small, "--texts", some, "--test", file)
        #expect(result.status == 0)
        let rows = try Classifier(contentsOf: model).model.embedding.weight.rowCount
        #expect(rows < 200 && result.errors.contains(" of \(rows) rows are left; the texts use "))
        #expect(result.lines.last?.hasPrefix("test accuracy ") == true)
        #expect(result.lines.last?.contains(", before 1.0000: ") == true)
        #expect(try Set(Classifier(contentsOf: small).features.vocabulary.words) == ["the", "cow", "six"])
        let neighbors = try program.run("neighbors", "--load", small, "--word", "cow", "--top", "1")
        #expect(neighbors.lines.count == 1 && neighbors.lines[0].hasPrefix("cow: "))
      }
    }
  }

  @Test(
    "--quantize of training writes what quantize makes of its file", arguments: [["4"], ["8", "--max-size", "4500"]])
  func trainsSmall(options: [String]) throws {
    try withClassifier { model, file in
      let (expected, found) = (model + ".small", model + ".trained")
      let quantized = try program.run(
        ["quantize", "--load", model, "--save", expected, "--train", file, "--test", file, "--quiet", "--bits"]
          + options)
      let command = ["--train", file, "--test", file, "--save", found, "--quantize"] + options + small
      let trained = try program.run(command)
      #expect(quantized.status == 0 && trained.status == 0, "\(quantized.errors)\(trained.errors)")
      #expect(try Data(contentsOf: URL(filePath: found)) == Data(contentsOf: URL(filePath: expected)))
      #expect(trained.lines[0] == quantized.lines[0].replacing(expected, with: found))
      #expect(trained.lines[1] == quantized.lines[1].replacing("test accuracy", with: "training accuracy"))
      let tested = try program.run("test", "--load", found, "--test", file)
      #expect(tested.lines.first == trained.lines.last, "what is reported is the small classifier's")
      let validated = try program.run(command + ["--valid", file])
      #expect(validated.lines[1].hasPrefix("validation accuracy "), "\(validated.errors)")
    }
  }

  /// A classifier's tensors as earlier versions wrote them: all buckets had rows, here with 100 in those that no text
  /// has. In the first of them there were no checksums of blocks either, nor what finds a word.
  private func writeOldFile(_ model: String, isFirst: Bool) throws {
    let file = try SafetensorsFile(path: model)
    let classifier = try Classifier(contentsOf: model)
    var writer = SafetensorsWriter(metadata: file.metadata)
    writer.checksumsBlocks = !isFirst
    let (words, kept) = (classifier.features.vocabulary.count, try #require(classifier.features.keptBuckets))
    let rows = (0..<words).map(Optional.some) + (0..<1000).map { kept.position(of: $0).map { words + Int($0) } }
    let table = classifier.model.embedding.weight.value
    let numbers = rows.flatMap { row in (0..<7).map { column in row.map { table[$0, column] } ?? 100 } }
    writer.add("embedding.weight", Tensor<Float>(shape: [rows.count, 7], elements: numbers))
    let others = file.entries.map(\.name).filter { !$0.hasPrefix("words.") || !isFirst }
    for name in others where !["embedding.weight", "buckets.kept", "SliceGrad block checksums"].contains(name) {
      let entry = file[name]!
      writer.add(name, dtype: entry.dtype, shape: entry.shape, pieces: [try file.bytes(of: name)])
    }
    try writer.write(to: URL(filePath: model))
  }

  @Test("a file of an earlier version labels as it did", arguments: [true, false])
  func readsOldFiles(isFirst: Bool) throws {
    try withClassifier { model, _ in
      let texts = ["the cow sleeps", "", "six plus two", "ten is"]  // of n-grams that have rows
      let expected = try Classifier(contentsOf: model).mostProbable(2, of: texts)
      try writeOldFile(model, isFirst: isFirst)
      let mapped = try MappedClassifier(contentsOf: model)
      #expect((mapped == nil) == isFirst)
      if let mapped {
        #expect(try mapped.labels(2, of: texts).map { $0.map(\.probability) } == expected.map { $0.map(\.probability) })
        try expectSameLabels(model)
      }
      #expect(try Classifier(contentsOf: model).features.rowCount == 1013)
      let found = try Classifier(contentsOf: model).mostProbable(2, of: texts)
      #expect(found.map { $0.map(\.probability) } == expected.map { $0.map(\.probability) })
      #expect(try program.run(["predict", "--load", model], input: "six\n").output.hasPrefix("number\t"))
    }
  }

  /// Bytes here and there.
  @Test("a damaged or shorter file is refused, or labels as before", arguments: [[], ["--bits", "4"]])
  func refusesDamage(options: [String]) throws {
    try withClassifier { model, file in
      let small = model + ".small"
      #expect(try program.run(["quantize", "--load", model, "--save", small, "--texts", file] + options).status == 0)
      let path = options.isEmpty ? model : small
      let whole = try Data(contentsOf: URL(filePath: path))
      let expected = try Classifier(contentsOf: path).mostProbable(2, of: texts).map { $0.map(\.probability) }
      var refusals = 0
      func expectRefusalOrTheSame(_ bytes: Data) throws {
        try bytes.write(to: URL(filePath: path))
        do throws(CheckpointError) {
          guard let mapped = try MappedClassifier(contentsOf: path) else { return }
          #expect(try mapped.labels(2, of: texts).map { $0.map(\.probability) } == expected)
        } catch {
          refusals += 1
        }
      }
      for position in stride(from: 0, to: whole.count, by: whole.count / 300) {
        var damaged = whole
        damaged[position] ^= 1 << (position % 8)
        try expectRefusalOrTheSame(damaged)
      }
      #expect(refusals > 30)
      for count in stride(from: 0, to: whole.count, by: whole.count / 20) {
        refusals = 0
        try expectRefusalOrTheSame(whole.prefix(count))
        #expect(refusals == 1)
      }
      var damaged = whole
      damaged[whole.count / 2] ^= 1
      try damaged.write(to: URL(filePath: path))
      let tested = try program.run("test", "--load", path, "--test", file)
      #expect(tested.status == 2 && tested.output.isEmpty && tested.errors.contains("the file is damaged"))
    }
  }

  @Test("predict ends with one line where the part of a file that it needs is damaged")
  func saysWhatIsDamaged() throws {
    try withClassifier { model, _ in
      var bytes = try Data(contentsOf: URL(filePath: model))
      let file = try SafetensorsFile(path: model)
      let start = bytes.count - file.entries.last!.byteRange.upperBound
      for position in file["embedding.weight"]!.byteRange { bytes[start + position] ^= 1 }
      try bytes.write(to: URL(filePath: model))
      let result = try program.run(["predict", "--load", model], input: "six\nten\n")
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(result.errors.hasPrefix("TextClassifier: \(model): found another checksum of block "))
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("what training refuses")
  func refusesInTraining() throws {
    for (options, message) in [
      (["--quantize", "4"], "--quantize needs --save FILE"),
      (["--save", "x", "--max-size", "1MB"], "--max-size needs --quantize 8 or 4"),
      (["--save", "x", "--quantize", "5"], "--quantize: found “5”, expected 8 or 4"),
    ] {
      let result = try program.run(options)
      #expect(result.status == 2 && result.output.isEmpty && result.errors == "TextClassifier: \(message)\n")
    }
  }

  @Test("what can't be done is said")
  func refuses() throws {
    try withClassifier { model, file in
      let small = model + ".small"
      for (options, message) in [
        (
          ["--max-size", "1 TB"], "--max-size: found “1 TB”, expected a number of bytes, such as 1000000, 900KB or 1MiB"
        ),
        (["--bits", "5"], "--bits: found “5”, expected 8 or 4"),
        (
          ["--train", file, "--texts", file],
          "take one of --train and --texts: only the rows that its texts use are kept"
        ),
        (["--texts", file, "--epochs", "2"], "--epochs needs --train FILE"),
      ] {
        let result = try program.run(["quantize", "--load", model, "--save", small] + options)
        #expect(result.status == 2 && result.output.isEmpty && result.errors == "TextClassifier: \(message)\n")
        #expect(!FileManager.default.fileExists(atPath: small))
      }
    }
  }
}
