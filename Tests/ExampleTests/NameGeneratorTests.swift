import ExampleParts
import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import NameGenerator

struct NameGeneratorTests {
  private static let syllables = ["ba", "di", "fo", "gu"]

  /// Names of two syllables: after a consonant there is only one vowel, so that half of the characters are certain.
  private static let names = syllables.flatMap { first in syllables.map { first + $0 } }

  @Test func parts() {
    let names = Names(Self.names, seed: 1)
    #expect(names.training.count == 12 && names.validation.count == 2 && names.test.count == 2)
    let all = (names.training + names.validation + names.test).map(names.text)
    #expect(all.sorted() == Self.names.sorted())
    #expect(names.characters == [".", "a", "b", "d", "f", "g", "i", "o", "u"])
    #expect(names.isKnown(names.training[3]) && !names.isKnown(names.test[0]))
    let batch = NameBatch([[3, 1], []])
    #expect(batch.inputs.values == [0, 3, 1, 0] && batch.inputs.rowSplits == [0, 3, 4])
    #expect(batch.targets == [3, 1, 0, 0])
  }

  /// What any of them can know: ln 4 for either consonant of a name, nothing for its vowels, and that two syllables are
  /// all. A bigram takes a vowel for the end in half of the cases.
  @Test(arguments: ["bigram", "mlp", "gru", "attention"])
  func learnsSyllables(model: String) throws {
    let names = Names(Self.names, seed: 1)
    let options = try Options(parsing: [
      "--model", model, "--dimensions", "8", "--hidden", "16", "--heads", "2", "--epochs", "60", "--batch-size", "4",
      "--learning-rate", "0.02", "--dropout", "0", "--quiet",
    ])
    var training = Training(of: names, options)
    #expect(training.model.loss(of: names.training) > 1.9)
    try training.run()
    #expect(training.model.loss(of: names.training) < (model == "bigram" ? 1.2 : 0.75))
    var generator = training.generator
    let new = training.model.newNames(40, options, using: &generator).map(names.text)
    #expect(new.count == 40)
    let vowels = ["b": "a", "d": "i", "f": "o", "g": "u"]
    let right = new.filter { name in
      stride(from: 0, to: name.count - 1, by: 2).allSatisfy { i in
        let letters = Array(name).map(String.init)
        return vowels[letters[i]] == letters[i + 1]
      }
    }
    #expect(right.count > (model == "bigram" ? 10 : 30), "\(new)")
  }

  @Test func usage() throws {
    let program = Program(name: "NameGenerator")
    let help = try program.run("--help")
    #expect(help.status == 0 && help.output.contains("usage: NameGenerator"))
    for (arguments, message) in [
      (["--heads", "3", "--model", "attention"], "--dimensions 32 can't be cut into --heads 3 of one size"),
      (["--language", "xx"], "--language: Foundation has no names of regions in “xx”"),
      (["--temperature", "0"], "--temperature: found “0”, expected a number in 0.01...100"),
    ] {
      let result = try program.run(arguments)
      #expect(result.status == 2 && result.errors == "NameGenerator: \(message)\n")
    }
  }

  @Test func files() throws {
    try withTemporaryFile(Self.names.joined(separator: "\n")) { path in
      let result = try Program(name: "NameGenerator").run(
        "--train", path, "--model", "bigram", "--epochs", "2", "--count", "3", "--quiet", "--json")
      #expect(result.status == 0 && result.lines.count >= 5)
      #expect(result.lines.last!.contains("\"testNames\":2"))
    }
    try withTemporaryFile("anna\nbert\n") { path in
      let result = try Program(name: "NameGenerator").run("--train", path)
      #expect(result.status == 2)
      #expect(result.errors.hasSuffix("found 2 names, expected 10 or more, one a line\n"))
    }
  }
}
