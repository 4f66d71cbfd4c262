import ExampleParts
import Foundation
import Testing

@testable import NameMatcher

struct NameMatcherTests {
  /// No thing has names in two parts, and no name is the English one.
  @Test func parts() {
    let pairs = NamePairs()
    let parts = [pairs.training, pairs.validation, pairs.test].map { Set($0.map(\.concept)) }
    #expect(parts[0].isDisjoint(with: parts[1]) && parts[0].isDisjoint(with: parts[2]))
    #expect(parts[1].isDisjoint(with: parts[2]) && parts.allSatisfy { $0.count > 10 })
    #expect(Set(pairs.englishNames).count == pairs.englishNames.count)
    for pair in pairs.training + pairs.validation + pairs.test {
      #expect(pair.name.lowercased() != pairs.englishNames[pair.concept].lowercased())
    }
    #expect(pairs.training.contains { $0.name == "Allemagne" && pairs.englishNames[$0.concept] == "Germany" })
  }

  /// Names whose letters all stand for other letters: what they stand for is learned from some and used for the others.
  @Test func transliteration() throws {
    let syllables = ["ba", "de", "fi", "go", "lu", "me", "na", "ri"]
    let names = syllables.flatMap { first in syllables.map { first + $0 + first } }
    let pairs = names.indices.map { number in
      NamePairs.Pair(name: names[number].shifted, language: "xx", concept: number)
    }
    let split = Dictionary(grouping: pairs) { $0.concept % 4 == 0 }
    let all = NamePairs(englishNames: names, training: split[false]!, test: split[true]!)
    let options = try Options(parsing: [
      "--buckets", "500", "--dimensions", "16", "--epochs", "20", "--batch-size", "16", "--learning-rate", "0.05",
    ])
    var matcher = Matcher(of: all, options)
    #expect(matcher.recall(of: all.test).at1 < 0.3)
    matcher.train(on: all.training, options, Progress(isQuiet: true))
    let (at1, at10) = matcher.recall(of: all.test)
    #expect(at1 > 0.8 && at10 == 1)
    let nearest = matcher.nearest(3, to: [names[4].shifted])[0]
    #expect(nearest.map(\.cosine) == nearest.map(\.cosine).sorted(by: >))
  }

  @Test func usage() throws {
    let program = Program(name: "NameMatcher")
    let help = try program.run("--help")
    #expect(help.status == 0 && help.output.contains("usage: NameMatcher"))
    for (arguments, message) in [
      (["--batch-size", "1"], "--batch-size: found “1”, expected a whole number in 2...100000"),
      (["--char-ngrams", "0"], "--char-ngrams: found “0”, expected MIN-MAX in 1...10"),
      (["--model"], "unknown option --model; --help lists them"),
    ] {
      let result = try program.run(arguments)
      #expect(result.status == 2 && result.errors == "NameMatcher: \(message)\n")
    }
  }

  @Test("a learning rate that leads to numbers that are none")
  func stopsAtNaN() throws {
    let result = try Program(name: "NameMatcher").run(
      "--epochs", "1", "--dimensions", "2", "--buckets", "50", "--char-ngrams", "1", "--learning-rate", "1e39",
      "--quiet")
    #expect(result.status == 1 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("NameMatcher: ") && result.errors.hasSuffix("a lower --learning-rate may help\n"))
  }

  /// The whole program, on few rows and columns.
  @Test func program() throws {
    let result = try Program(name: "NameMatcher").run(
      "--epochs", "1", "--dimensions", "4", "--buckets", "500", "--char-ngrams", "1", "--match", "Ruritanien", "--json")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines[0].hasPrefix("recall at 1 ") && result.lines[1].hasPrefix("“Ruritanien”: "))
    let results = try JSONDecoder().decode([String: Double].self, from: Data(result.lines.last!.utf8))
    #expect(results["recallAt10"]! > 10 / results["candidates"]!)
    #expect(result.errors.contains("epoch 1/1  loss "))
  }
}

extension String {
  /// Each letter replaced by a Greek one.
  fileprivate var shifted: String {
    String(String.UnicodeScalarView(unicodeScalars.map { Unicode.Scalar($0.value - 97 + 0x3B1)! }))
  }
}
