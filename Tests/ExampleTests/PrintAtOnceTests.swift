#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// What programs do where nothing can be written to standard output.
  struct PrintAtOnceTests {
    private static let message = "standard output: found a line that can't be written, expected room for it\n"

    @Test(
      "a program whose results can't be printed fails",
      arguments: [
        "KnowledgeGraph", "NameGenerator", "NameMatcher", "Recommender", "SequenceClassifier", "Tagger",
        "TextClassifier", "WordVectors",
      ])
    func help(program: String) throws {
      let result = try Program(name: program).runWithoutRoom(["--help"])
      #expect(result.status == 2 && result.errors == "\(program): \(Self.message)")
    }

    @Test("so does each command of the classifier")
    func commands() throws {
      let program = Program(name: "TextClassifier")
      try withTemporaryFile("a\tx y\nb\tz w\na\tx x\n") { file in
        let (model, small) = (file + ".safetensors", file + ".small")
        let options = ["--quiet", "--epochs", "1", "--dimensions", "4", "--buckets", "100"]
        let trained = try program.runWithoutRoom(["--train", file, "--save", model, "--json"] + options)
        #expect(trained.status == 2 && trained.errors == "TextClassifier: \(Self.message)")
        for arguments in [
          ["test", "--load", model, "--test", file], ["test", "--load", model, "--test", file, "--json"],
          ["predict", "--load", model, "--texts", file], ["neighbors", "--load", model, "--word", "x"],
          ["--load", model, "--classify", "x"], ["test", "--help"],
          ["quantize", "--load", model, "--save", small, "--test", file],
        ] {
          let result = try program.runWithoutRoom(arguments)
          #expect(result.status == 2 && result.errors.hasSuffix("TextClassifier: \(Self.message)"), "\(arguments)")
        }
      }
    }
  }
#endif
