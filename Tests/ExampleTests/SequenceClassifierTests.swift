import ExampleParts
import Foundation
import SliceGrad
import SliceGradText
import TestSupport
import Testing

@testable import SequenceClassifier

struct SequenceClassifierTests {
  /// Texts of the same words, whose label says which of two comes first.
  private static let lines = (0..<60).map { i in
    let (first, second) = i % 2 == 0 ? ("left", "right") : ("right", "left")
    let filling = ["a", "b", "c"].shuffledByNumber(i)
    return "\(first)\t\(filling[0]) \(first) \(filling[1]) \(second) \(filling[2])"
  }

  /// Whoever looks at the order learns it; a bag can't.
  @Test(arguments: ["cnn", "gru", "lstm", "attention", "bag"])
  func learnsOrder(model: String) throws {
    try withTemporaryFile(Self.lines.joined(separator: "\n")) { path in
      let options = try Options(parsing: [
        "--train", path, "--test", path, "--model", model, "--dimensions", "8", "--hidden", "8", "--heads", "2",
        "--epochs", "12", "--batch-size", "10", "--learning-rate", "0.02", "--dropout", "0", "--quiet",
      ])
      let corpus = try Corpus(options)
      #expect(corpus.training.count == 60 && corpus.labels.count == 2 && corpus.vocabulary.count == 5)
      var training = try Training(of: corpus, options)
      try training.run()
      let accuracy = training.model.accuracy(on: corpus.training)
      #expect(model == "bag" ? accuracy < 0.8 : accuracy == 1, "\(accuracy)")
    }
  }

  @Test func elements() {
    let letters = TextReader(elements: .characters, longest: 4)
    #expect(letters.spaced("Ab c") == "A b ▁ c")
    #expect(!letters.foldsCase)
    let words = TextReader(elements: .words, longest: 2)
    #expect(words.spaced("Ab c") == "Ab c" && words.foldsCase)
  }

  /// Vectors from a file start the table, and stay as they are with `--static`.
  @Test(arguments: [false, true]) func wordVectors(isStatic: Bool) throws {
    try withTemporaryFile(Self.lines.joined(separator: "\n")) { path in
      try withTemporaryFile("left 1 2\nright 3 4\n") { vectors in
        let options = try Options(
          parsing: [
            "--train", path, "--model", "bag", "--dimensions", "2", "--vectors", vectors, "--epochs", "1", "--quiet",
          ] + (isStatic ? ["--static"] : []))
        let corpus = try Corpus(options)
        var training = try Training(of: corpus, options)
        let row = Int(corpus.vocabulary.row(of: "right")!)
        #expect(training.model.embedding.weight.value.row(row) == Tensor([3, 4]))
        try training.run()
        #expect((training.model.embedding.weight.value.row(row) == Tensor([3, 4])) == isStatic)
      }
    }
  }

  @Test func usage() throws {
    let program = Program(name: "SequenceClassifier")
    let help = try program.run("--help")
    #expect(help.status == 0 && help.output.contains("usage: SequenceClassifier"))
    for (arguments, message) in [
      (["--static"], "--static needs --vectors FILE"),
      (["--test", "x"], "--test needs --train FILE"),
      (["--model", "rnn"], "--model: found “rnn”, expected one of cnn, gru, lstm, attention, bag"),
    ] {
      let result = try program.run(arguments)
      #expect(result.status == 2 && result.errors == "SequenceClassifier: \(message)\n")
    }
  }
}

extension [String] {
  /// One of a few orders.
  fileprivate func shuffledByNumber(_ number: Int) -> [String] {
    let shift = number / 2 % count
    return Array(self[shift...] + self[..<shift])
  }
}
