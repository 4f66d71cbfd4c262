import Foundation
import TestSupport
import Testing

/// Trainings of TextClassifier in parts.
struct ClassifierRanksTests {
  private let program = Program(name: "TextClassifier")

  @Test("a checkpoint goes on with as many shards as it has, and with no others")
  func otherShards() throws {
    try withTemporaryFile("a\tone two\nb\tthree four\na\ttwo one\nb\tfour three\n") { file in
      let checkpoint = file + ".checkpoint"
      let training = ["--train", file, "--dimensions", "4", "--buckets", "50", "--epochs", "1"]
      let resumable = training + ["--checkpoint", checkpoint, "--shards"]
      #expect(try program.run(resumable + ["4"]).status == 0)
      let other = try program.run(resumable + ["2"])
      #expect(
        other.status == 2
          && other.errors.contains(
            "\(checkpoint): tensor “embedding.weight”: found rows in 4 shards, expected 2"),
        "\(other.errors)")
      let same = try program.run(resumable + ["4"])
      #expect(
        same.status == 0 && same.errors.contains("the training in \(checkpoint) is complete, with 1 of 1 epochs; "))
    }
  }

  private static let lines = (0..<60).map { "\(["a", "b"][$0 % 2])\tnumber \($0) is \(["even", "odd"][$0 % 2])\n" }

  @Test(
    "several ranks write and print what one process does",
    .enabled(if: Program.launcher != nil, "mpirun isn't installed"),
    arguments: [[], ["--loss", "independent"], ["--quantize", "8"]])
  func processes(variant: [String]) throws {
    try withTemporaryFile(Self.lines.joined()) { file in
      func run(_ program: Program, _ more: String...) throws -> (output: String, saved: Data) {
        let saved = file + ".safetensors"
        let options = ["--save", saved, "--dimensions", "4", "--buckets", "50", "--epochs", "3", "--classify", "odd 7"]
        let result = try program.run(["--train", file, "--valid", file, "--test", file] + options + variant + more)
        #expect(result.status == 0 && result.lines.count > 1, "\(result.errors)")
        return (result.output, try Data(contentsOf: URL(filePath: saved)))
      }
      let alone = try run(Program(name: "TextClassifier"), "--shards", "8")
      for ranks in [2, 3] { #expect(try run(Program(name: "TextClassifier", ranks: ranks)) == alone) }
    }
  }

  @Test(
    "a page is of the validation texts if there are no others",
    .enabled(if: Program.launcher != nil, "mpirun isn't installed"))
  func page() throws {
    try withTemporaryFile(Self.lines.joined()) { file in
      let page = file + ".html"
      let result = try Program(name: "TextClassifier", ranks: 2).run(
        ["--train", file, "--valid", file, "--dimensions", "4", "--buckets", "50", "--epochs", "2", "--report", page])
      #expect(result.status == 0, "\(result.errors)")
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("validation texts"))
    }
  }
}
