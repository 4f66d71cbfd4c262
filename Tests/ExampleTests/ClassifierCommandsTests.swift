import Foundation
import SliceGradTraining
import TestSupport
import Testing

/// What TextClassifier does with a saved classifier.
struct ClassifierCommandsTests {
  private let program = Program(name: "TextClassifier")

  /// A classifier of texts about animals and numbers.
  private func withClassifier(_ body: (String) throws -> Void) throws {
    let animals = ["cat", "dog", "cow", "pig"].flatMap { ["animal\tthe \($0) sleeps", "animal\ta \($0)"] }
    let numbers = ["one", "two", "six", "ten"].flatMap { ["number\t\($0) plus \($0)", "number\t\($0) is"] }
    let lines = Array(repeating: animals + numbers, count: 5).joined().joined(separator: "\n")
    try withTemporaryFile(lines) { file in
      let model = file + ".safetensors"
      let result = try program.run([
        "train", "--train", file, "--save", model, "--dimensions", "8", "--buckets", "1000", "--char-ngrams", "1-3",
        "--learning-rate", "0.1", "--quiet",
      ])
      #expect(result.status == 0, "\(result.errors)")
      try body(model)
    }
  }

  @Test("only n-grams of training texts have rows, and others don't count")
  func hasRowsOfSeenNGrams() throws {
    try withTemporaryFile("a\tto\nb\tbe\na\tto\n") { file in
      let model = file + ".safetensors"
      let questions = ["--classify", "", "--classify", "ox"]  // Of “ox”, “to” has no n-gram of two.
      let options = ["--save", model, "--buckets", "1000000", "--char-ngrams", "2-2", "--json"] + questions
      let result = try program.run(["--train", file] + options)
      #expect(result.errors.hasPrefix("learning 2 labels from 3 texts, 2 words and 6 of 1000000 n-gram buckets; "))
      #expect(result.lines.last?.contains(#""tableRows":8"#) == true, "\(result.lines)")
      #expect(try SafetensorsFile(path: model)["embedding.weight"]?.shape == [8, 64])
      #expect(try SafetensorsFile(path: model)["buckets.kept"]?.shape == [6])
      let labels = result.lines.prefix(2).map { $0.drop { $0 != ":" } }
      #expect(labels.count == 2 && labels[0] == labels[1], "\(labels)")
      let read = try program.run(["predict", "--load", model], input: "\nox\nbe\n").lines
      #expect(read.count == 3 && read[0] == read[1] && read[1] != read[2], "\(read)")
    }
  }

  @Test("predict: a line of labels for each line, whatever its end, from a file and from standard input")
  func predicts() throws {
    try withClassifier { model in
      let texts = "the cow sleeps\r\n\nsix plus two\rten"
      let typed = try program.run(["predict", "--load", model], input: texts)
      let lines = typed.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(typed.status == 0 && typed.errors.isEmpty && lines.count == 5 && lines.last == "")
      let labels = lines.map { $0.prefix { $0 != "\t" } }
      #expect(labels[0] == "animal" && labels[2] == "number" && labels[3] == "number" && !labels[1].isEmpty)
      try withTemporaryFile(texts, name: "texts.txt") { file in
        let read = try program.run("predict", "--load", model, "--texts", file)
        #expect(read.output == typed.output)
      }

      let both = try program.run(["predict", "--load", model, "--top", "5"], input: texts)
      for line in both.lines {
        let fields = line.split(separator: "\t")
        #expect(fields.count == 4 && Set([fields[0], fields[2]]) == ["animal", "number"])
        let probabilities = [fields[1], fields[3]].compactMap { Double($0) }
        #expect(probabilities[0] >= probabilities[1] && abs(probabilities[0] + probabilities[1] - 1) < 2e-4)
      }
      let sure = try program.run(["predict", "--load", model, "--threshold", "0.7"], input: texts)
      #expect(sure.output.hasPrefix("animal\t0.") && sure.output.contains("\n\nnumber\t0."))
      #expect(sure.output.split(separator: "\n", omittingEmptySubsequences: false).count == 5)
    }
  }

  @Test("predict: a line is labelled before the next one comes", .timeLimit(.minutes(1)))
  func predictsAtOnce() throws {
    try withClassifier { model in
      let answers = try program.answersAtOnce(["the cow sleeps", "", "six"], ["predict", "--load", model])
      #expect(answers)
    }
  }

  @Test("predict: a line that isn't UTF-8 ends it, after the results of those before")
  func refusesOtherBytes() throws {
    try withClassifier { model in
      try withTemporaryFile(Array("a cat\n\n".utf8) + [0xFF, 0x0A], name: "texts.txt") { file in
        let result = try program.run("predict", "--load", model, "--texts", file)
        #expect(result.status == 2 && result.lines.count == 2)
        #expect(
          result.errors == "TextClassifier: \(file):3: found bytes that are not UTF-8, expected UTF-8 text\n")
      }
    }
  }

  @Test("test: labels that training never showed count as wrong")
  func tests() throws {
    try withClassifier { model in
      try withTemporaryFile("animal\ta dog\nanimal\tsix plus six\nplant\ta pig\nnumber\tten is") { file in
        let result = try program.run("test", "--load", model, "--test", file, "--by-label", "--json")
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(
          Array(result.lines.prefix(5)) == [
            "test accuracy 0.5000: 2 of 4 test texts",
            "1 of 4 texts has a label that training never showed, and counts as wrong: “plant”",
            "label\ttexts\tprecision\trecall\tF1",
            "animal\t2\t0.5000\t0.5000\t0.5000",
            "number\t1\t0.5000\t1.0000\t0.6667",
          ])
        #expect(result.lines.last?.contains(#""testAccuracy":0.5,"testExamples":4"#) == true)
        #expect(result.lines.last?.contains(#""textsWithUnseenLabels":1"#) == true)
        let help = try program.run("test", "--help").output
        let figures = try JSONDecoder().decode([String: Double].self, from: Data(result.lines.last!.utf8))
        for key in figures.keys { #expect(help.contains(key), "\(key)") }
      }
    }
  }

  @Test("neighbors and export: words of one kind have vectors alike")
  func knowsWords() throws {
    try withClassifier { model in
      let result = try program.run("neighbors", "--load", model, "--word", "Dog", "--word", "six", "--top", "3")
      #expect(result.status == 0 && result.lines.count == 2 && result.errors.isEmpty)
      let unknown = try program.run("neighbors", "--load", model, "--word", "dogs")
      #expect(unknown.lines.count == 1)
      #expect(unknown.errors == "“dogs” is no word that training kept: its vector is made of n-grams alone\n")
      let words = result.lines.map { line in
        line.split(separator: ": ")[1].split(separator: ", ").map { String($0.split(separator: " ")[0]) }
      }
      #expect(words[0].count == 3 && Set(words[0]).isSubset(of: ["cat", "cow", "pig", "the", "sleeps", "a"]))
      #expect(Set(words[1]).isSubset(of: ["one", "two", "ten", "plus", "is"]))

      let file = model + ".vec"
      #expect(try program.run("export", "--load", model, "--vectors", file).status == 0)
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 14 && lines[0] == "13 8")
      #expect(lines.dropFirst().allSatisfy { $0.split(separator: " ").count == 9 })
    }
  }

  @Test("a training of which nothing would be left says so before it begins")
  func warnsOfLosing() throws {
    try withTemporaryFile("a\tb\nc\td\n") { file in
      let warning = "the classifier will be thrown away: --save FILE keeps it, --test FILE and --classify TEXT try it\n"
      let training = ["--train", file, "--dimensions", "2", "--buckets", "10", "--epochs", "1"]
      let warned = try program.run(training)
      #expect(warned.errors.hasPrefix(warning + "learning 2 labels"))
      for option in ["--save", "--checkpoint"] {
        #expect(try program.run(training + [option, file + option]).errors.hasPrefix("learning 2 labels"))
      }
      for more in [["--valid", file], ["--test", file], ["--classify", "b"]] {
        #expect(try program.run(training + more).errors.hasPrefix("learning 2 labels"))
      }
      #expect(try program.run(training + ["--quiet"]).errors.isEmpty)
    }
  }

  @Test("each command says how it is used", arguments: ["train", "test", "predict", "neighbors", "export", "quantize"])
  func helps(command: String) throws {
    let result = try program.run(command, "--help")
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.output.contains("usage: TextClassifier ") && result.output.contains("\nexample: "))
    #expect(result.lines.allSatisfy { $0.count <= 120 }, "as wide as the others")
  }

  @Test(
    "what is missing or unknown is named",
    arguments: [
      (
        ["foo"], "unknown command “foo”, expected train, test, predict, neighbors, export or quantize; --help says more"
      ),
      (
        ["supervised", "-input", "a"],
        "unknown command “supervised”, expected train, test, predict, neighbors, export or quantize; "
          + "fastText's supervised is train here; --help says more"
      ),
      (["predict", "model", "-"], "unexpected argument “model”; predict --help shows the usage"),
      (["predict", "--laod", "x"], "unknown option --laod; did you mean --load? predict --help lists them"),
      (["test", "--test", "x"], "test needs --load FILE"),
      (["test", "--load", "x"], "test needs --test FILE"),
      (["test"], "test needs --load FILE and --test FILE"),
      (["quantize"], "quantize needs --load FILE and --save FILE"),
      (["predict", "--json"], "unknown option --json; predict --help lists them"),
      (["predict", "--load", "x", "--top", "0"], "--top: found “0”, expected a whole number in 1...1000000"),
      (["neighbors", "--load", "x"], "neighbors needs --word WORD"),
      (["export", "--load", "x"], "export needs --vectors FILE"),
    ])
  func refuses(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2 && result.output.isEmpty && result.errors == "TextClassifier: \(message)\n")
  }

  @Test("a file that isn't a classifier is called so", arguments: ["quantize --save new", "test --test t", "predict"])
  func refusesOtherFiles(command: String) throws {
    try withTemporaryFile("number\tone is\nanimal\ta cat\n") { file in
      let (checkpoint, other) = (file + ".checkpoint", file + ".tensors")
      let options = ["--dimensions", "2", "--buckets", "9", "--epochs", "1", "--quiet"]
      #expect(try program.run(["--train", file, "--checkpoint", checkpoint] + options).status == 0)
      try SafetensorsWriter().write(to: URL(filePath: other))
      for (path, found) in [
        (checkpoint, "the checkpoint of a training, expected a classifier that --save wrote"),
        (other, "a file of something else, expected a classifier that --save wrote"),
        (
          file,
          "another kind of file: its header would have \(0x6f_09_7265_626d_756e) bytes, "
            + "expected a safetensors file, whose header has at most 100000000"
        ),
      ] {
        let arguments = command.replacing(" t", with: " \(file)").split(separator: " ").map(String.init)
        let result = try program.run(arguments + ["--load", path], input: "")
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors == "TextClassifier: \(path): found \(found)\n")
      }
    }
  }

  @Test("labels that are equal Strings and are spelt differently stay apart, from training to the test")
  func comparesSpellings() throws {
    let lines = Array(repeating: ["caf\u{E9}\tx y", "cafe\u{301}\tz w"], count: 10).joined().joined(separator: "\n")
    try withTemporaryFile(lines) { file in
      let (model, small) = (file + ".safetensors", file + ".small")
      let options = ["--epochs", "20", "--dimensions", "4", "--buckets", "100", "--learning-rate", "0.1"]
      let trained = try program.run(["--train", file, "--save", model, "--class-weights", "cafe\u{301}=2"] + options)
      #expect(trained.status == 0 && trained.errors.hasPrefix("learning 2 labels from 20 texts"), "\(trained.errors)")
      let tested = try program.run("test", "--load", model, "--test", file, "--by-label")
      #expect(tested.lines.count == 4 && tested.lines[0] == "test accuracy 1.0000: 20 of 20 test texts")
      #expect(tested.lines[2].hasSuffix("\t10\t1.0000\t1.0000\t1.0000"), "\(tested.output)")
      let quantized = try program.run("quantize", "--load", model, "--save", small, "--test", file)
      #expect(quantized.status == 0 && quantized.output.contains("1.0000"), "\(quantized.output)")
      try withTemporaryFile("cafe\u{301}\tx y\n", name: "other.tsv") { other in
        #expect(try program.run("test", "--load", model, "--test", other).output.hasPrefix("test accuracy 0.0000"))
        let wrong = try program.run("quantize", "--load", model, "--save", small, "--test", other)
        #expect(wrong.output.contains("0.0000") && !wrong.output.contains("1.0000"), "\(wrong.output)")
      }
    }
  }

  @Test("what can't be read again is refused before the texts are read", arguments: ["--save", "--checkpoint"])
  func refusesDevices(option: String) throws {
    let result = try program.run("--train", "no/such/file", option, "/dev/null")
    #expect(result.status == 2)
    #expect(
      result.errors == "TextClassifier: /dev/null: found a device, a pipe or a socket, expected a file to write\n")
  }
}
