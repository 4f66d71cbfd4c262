import Foundation
import TestSupport
import Testing

/// What TextClassifier does with the models that fastText has trained for SliceGradTextTests.
struct FastTextCommandsTests {
  private let program = Program(name: "TextClassifier")

  private func model(_ name: String) -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appending(path: "SliceGradTextTests/Fixtures/\(name)").path
  }

  @Test("predict: fastText's labels and probabilities; nothing for a text without features")
  func predicts() throws {
    let result = try program.run(
      ["predict", "--load", model("hierarchical.bin"), "--top", "2"], input: "tea tea tea hot\nthe tea is hot\n")
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.lines.count == 2 && result.lines[0].hasPrefix("tea\t1.0000"))
    #expect(result.lines[1].hasPrefix("tea\t0.9") && result.lines[1].split(separator: "\t").count == 4)
    let empty = try program.run(["predict", "--load", model("no-end.bin")], input: "z\nx\n")
    #expect(empty.status == 0 && empty.output == "\nb\t0.5000\n")
  }

  /// fastText's own: `fasttext predict-prob one-vs-all.bin FILE -1 0.001`, and without the last two arguments.
  @Test("predict: all labels of a one-vs-all model with --threshold, one without")
  func predictsIndependentLabels() throws {
    func labels(_ name: String, _ options: String...) throws -> [String] {
      let result = try program.run(["predict", "--load", model(name)] + options, input: "tea rain\n")
      #expect(result.status == 0 && result.errors.isEmpty)
      return result.output.split { "\t\n".contains($0) }.enumerated().filter { $0.offset % 2 == 0 }.map {
        String($0.element)
      }
    }
    #expect(try labels("one-vs-all.bin") == ["tea"])
    #expect(try labels("one-vs-all.bin", "--threshold", "0.001") == ["tea", "rain", "owl"])
    #expect(try labels("one-vs-all.bin", "--threshold", "0.001", "--top", "1") == ["tea"])
    #expect(try labels("negative.bin", "--threshold", "0.01") == ["rain", "tea"])
    #expect(try labels("one-vs-all.bin", "--threshold", "0.5").isEmpty)
    #expect(try labels("softmax.bin", "--threshold", "0.001") == ["tea"])
  }

  @Test("test and --load of training: the same accuracy, and a text of which nothing is known counts as wrong")
  func tests() throws {
    try withTemporaryFile("tea\tgreen tea\ntea\tthe roof\nrain\tthe rain falls\nsnow\tthe rain falls\n") { file in
      let result = try program.run("test", "--load", model("softmax.bin"), "--test", file, "--by-label", "--json")
      #expect(result.status == 0 && result.errors.isEmpty && result.lines[0].hasSuffix(": 2 of 4 test texts"))
      #expect(result.lines.contains("tea\t2\t1.0000\t0.5000\t0.6667"))
      #expect(
        result.lines.last?.contains(#""testAccuracy":0.5,"testExamples":4,"textsWithUnseenLabels":1,"words":56"#)
          == true)
      let loaded = try program.run("--load", model("softmax.bin"), "--test", file, "--classify", "green tea")
      #expect(loaded.status == 0 && loaded.lines[0] == result.lines[0])
      #expect(loaded.lines.last?.hasPrefix("“green tea”: tea ") == true)
    }
    try withTemporaryFile("a\tz\nb\tx\n") { file in
      let result = try program.run("test", "--load", model("no-end.bin"), "--test", file, "--by-label")
      #expect(result.lines.first?.hasSuffix(": 1 of 2 test texts") == true)
      #expect(result.lines.suffix(2) == ["a\t1\t–\t0.0000\t0.0000", "b\t1\t1.0000\t1.0000\t1.0000"])
    }
  }

  @Test("neighbors and export: words of a model, also one without labels")
  func knowsWords() throws {
    let skipgram = model("skipgram.bin")
    let result = try program.run("neighbors", "--load", skipgram, "--word", "rainy", "--word", "tea", "--top", "3")
    #expect(result.status == 0 && result.lines.count == 2 && result.lines[0].split(separator: ",").count == 3)
    try withTemporaryDirectory { directory in
      let file = directory.appending(path: "words.vec").path
      #expect(try program.run("export", "--load", skipgram, "--vectors", file).status == 0)
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      #expect(lines[0] == "\(lines.count - 1) 4" && lines[1].hasPrefix("</s> "))
    }
    let labels = try program.run("predict", "--load", skipgram)
    #expect(labels.status == 2)
    #expect(
      labels.errors
        == "TextClassifier: \(skipgram): found a model of word vectors, without labels, expected a classifier\n")
  }

  @Test("quantize says that it takes none of fastText's, and writes nothing")
  func isNotQuantized() throws {
    try withTemporaryDirectory { directory in
      for name in ["softmax.bin", "pruned.ftz", "skipgram.bin"] {
        let small = directory.appending(path: "small").path
        let result = try program.run("quantize", "--load", model(name), "--save", small)
        #expect(result.status == 2 && result.output.isEmpty && !FileManager.default.fileExists(atPath: small))
        #expect(
          result.errors
            == "TextClassifier: \(model(name)): found a model of fastText's, expected a classifier that --save wrote; "
            + "fastText's own quantize makes its models small\n")
      }
    }
  }

  @Test("a damaged file is one clear line")
  func refuses() throws {
    let bytes = try Data(contentsOf: URL(filePath: model("pruned.ftz"))).dropLast()
    try withTemporaryFile(bytes, name: "model.ftz") { file in
      for arguments in [["predict"], ["neighbors", "--word", "x"], ["test", "--test", "x"], []] {
        let result = try program.run(arguments + ["--load", file])
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("TextClassifier: \(file): found ") && result.errors.count { $0 == "\n" } == 1)
      }
    }
  }
}
