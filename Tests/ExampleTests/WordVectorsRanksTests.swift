import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import TestSupport
import Testing

@testable import WordVectors

/// WordVectors in parts, and on ranks that are threads or processes.
struct WordVectorsRanksTests {
  private static let lines = (0..<12).map { i in
    "the \(["cat", "dog", "cow"][i % 3]) sleeps softly while \(["red", "blue"][i % 2]) shines on the water"
  }

  private static let variants = [[], ["--cbow"], ["--char-ngrams", "2-3"], ["--cbow", "--char-ngrams", "3"]]

  private static func training(_ variant: [String], _ ranks: Ranks, _ more: String...) throws -> Training {
    let options = try Options(
      parsing: ["--train", "-", "--dimensions", "4", "--window", "2", "--sample", "0", "--minimum-count", "1"]
        + ["--learning-rate", "0.1", "--buckets", "20", "--epochs", "2", "--quiet"] + variant + more)
    return try Training(of: TrainingText(lines, minimumCount: 1, source: "the test"), options, ranks)
  }

  /// The loss and the vectors of the words after so many epochs, on the first rank.
  private static func trained(ranks: Int, shards: Int?, _ variant: [String]) throws -> [Float] {
    let results = try Communicator.threads(ranks, deadline: .seconds(60)) { world -> [Float] in
      let ranks = Ranks(world, shards: shards)
      var training = try training(variant, ranks)
      try training.run()
      guard let model = try world.gathered(training.model) else { return [] }
      return [Float(training.loss)] + model.input.value.elements + model.output.value.elements
    }
    return results[0]
  }

  /// Plain descent shows a gradient that is wrong by a factor.
  @Test("training in parts is training at once, but for rounding", arguments: variants)
  func parts(variant: [String]) throws {
    let expected = try Self.trained(ranks: 1, shards: nil, variant)
    for shards in [4, 64] {  // more than there are windows in a step
      let found = try Self.trained(ranks: 1, shards: shards, variant)
      #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  @Test("any number of ranks learns the same bits", arguments: variants)
  func sameBits(variant: [String]) throws {
    let one = try Self.trained(ranks: 1, shards: 4, variant)
    #expect(one.count > 10)
    for ranks in [2, 3, 5] { #expect(try Self.trained(ranks: ranks, shards: 4, variant) == one) }
  }

  /// What is asked of the words that so many ranks share, on each of them, and the file that they save.
  private static func answers(
    ranks: Int, shards: Int?, _ variant: [String], numbersAtOnce: Int? = nil
  ) throws -> [String] {
    try withTemporaryFile("") { file in
      let results = try Communicator.threads(ranks, deadline: .seconds(60)) { world -> [String] in
        let ranks = Ranks(world, shards: shards)
        let training = try training(variant, ranks)
        var vectors = TrainedVectors(model: training.model, features: training.features, ranks: ranks)
        if let numbersAtOnce { vectors.numbersAtOnce = numbersAtOnce }
        try vectors.save(to: file)
        let space = try vectors.space
        let words = ["cat", "the", "moon", "unseen", "x"]
        let sums = try space.directions(ofRows: [3, 0, 9])
        return try words.map { "\(String(describing: try space.neighbors(of: $0, count: 12)))" }
          + words.map { "\(String(describing: try space.similarity($0, "cow")))" }
          + ["\(try space.nearest(2, to: sums, except: [[1], [], [9, 0]]))", "\(space.dimensions)"]
      }
      #expect(results.allSatisfy { $0 == results[0] })
      return results[0] + [try String(contentsOfFile: file, encoding: .utf8)]
    }
  }

  @Test("words that ranks share have the neighbours that they have in one process", arguments: variants)
  func sharedWords(variant: [String]) throws {
    let alone = try Self.answers(ranks: 1, shards: nil, variant)
    #expect(Set(alone).count > 5 && alone.last!.split(separator: "\n").count == 13)
    for ranks in [1, 2, 3, 20] { #expect(try Self.answers(ranks: ranks, shards: 4, variant) == alone) }
    // 7 of the 12 words at a time, of 4 numbers each
    for ranks in [1, 3] { #expect(try Self.answers(ranks: ranks, shards: 4, variant, numbersAtOnce: 28) == alone) }
  }

  @Test(
    "8 parts are what several ranks take by default", .enabled(if: Program.launcher != nil, "mpirun isn't installed"))
  func processes() throws {
    try withTemporaryFile(Self.lines.joined(separator: "\n")) { file in
      func run(_ program: Program, _ more: String...) throws -> Data {
        let saved = file + ".vec"
        let options = [
          "--minimum-count", "1", "--sample", "0", "--dimensions", "4", "--epochs", "2", "--neighbors", "cat",
        ]
        let result = try program.run(["--train", file, "--save", saved] + options + more)
        #expect(result.status == 0 && result.lines.count == 1, "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("epoch 2/2") } == 1)
        return try Data(contentsOf: URL(filePath: saved))
      }
      let alone = try run(Program(name: "WordVectors"), "--shards", "8")
      for ranks in [2, 3] { #expect(try run(Program(name: "WordVectors", ranks: ranks)) == alone) }
      let loaded = try Program(name: "WordVectors", ranks: 2).run("--load", file + ".vec", "--neighbors", "cat")
      #expect(loaded.status == 0 && loaded.lines.count == 1 && loaded.lines[0].hasPrefix("cat: "))
    }
  }
}
