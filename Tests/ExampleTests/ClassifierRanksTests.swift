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
      #expect(same.status == 0 && same.errors.contains("complete already"))
    }
  }
}
