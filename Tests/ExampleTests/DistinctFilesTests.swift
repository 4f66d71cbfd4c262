import Foundation
import TestSupport
import Testing

@testable import TextClassifier

/// No file is written over one that is read, whatever its name is.
@Suite struct DistinctFilesTests {
  private let program = Program(name: "TextClassifier")

  private func expectRefusal(_ arguments: [String], _ message: String, by program: Program? = nil) throws {
    let result = try (program ?? self.program).run(arguments)
    #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
  }

  @Test func inputStays() throws {
    try withTemporaryFile("a\tone\nb\ttwo\n") { file in
      let folder = URL(filePath: file).deletingLastPathComponent().path
      let other = folder + "/./" + URL(filePath: file).lastPathComponent  // the same file by another name
      let found = "expected two files"
      try expectRefusal(["--train", file, "--log", other], "--train and --log: found ")
      try expectRefusal(["--train", "x", "--weights", file, "--log", file], "--weights and --log: found ")
      try expectRefusal(
        ["--train", "x", "--class-weights", file, "--save", other], "--class-weights and --save: found ")
      try expectRefusal(["--train", "x", "--save", file, "--report", other, "--valid", "y"], found)
      try expectRefusal(["test", "--load", file, "--test", "x", "--report", file], "--load and --report: found ")
      try expectRefusal(["export", "--load", file, "--vectors", other], "--load and --vectors: found ")
      try expectRefusal(["quantize", "--load", "x", "--train", file, "--save", other], "--train and --save: found ")
      try expectRefusal(["quantize", "--load", file, "--save", file], "--load and --save: found ")
      let graph = Program(name: "KnowledgeGraph")
      try expectRefusal(["--train", file, "--save", other], "--train and --save: found ", by: graph)
      try expectRefusal(["--train", "x", "--test", file, "--save", file], "--test and --save: found ", by: graph)
      try expectRefusal(["--train", "x", "--valid", file, "--save", file], "--valid and --save: found ", by: graph)
      let vectors = Program(name: "WordVectors")
      try expectRefusal(["--train", file, "--save", other], "--train and --save: found ", by: vectors)
      try expectRefusal(["--train", "x", "--analogies", file, "--save", file], "--analogies and --save: ", by: vectors)
      try expectRefusal(
        ["--train", "x", "--similarity", file, "--save", file], "--similarity and --save: ", by: vectors)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "a\tone\nb\ttwo\n")
    }
  }

  @Test func aPageOfSeveralLabelsIsRefusedBeforeTraining() throws {
    try withTemporaryFile("__label__a one\n__label__b two\n") { train in
      try withTemporaryFile("__label__a __label__b one two\n") { test in
        let page = train + ".html"
        let result = try program.run(["--train", train, "--test", test, "--report", page, "--buckets", "100"])
        #expect(result.status == 2 && result.errors.contains("--report shows texts of one label each"))
        #expect(!result.errors.contains("epoch 1") && !FileManager.default.fileExists(atPath: page))
      }
    }
  }
}
