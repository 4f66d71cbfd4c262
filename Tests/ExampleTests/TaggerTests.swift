import ExampleParts
import Foundation
import SliceGradText
import TestSupport
import Testing

@testable import Tagger

/// What the program learns and prints.
struct TaggerTests {
  private let program = Program(name: "Tagger")

  /// Few numbers, so that unoptimized builds are quick as well.
  private let small =
    "--dimensions 8 --hidden 8 --char-ngrams 1 --dropout 0 --batch-size 8".split(separator: " ").map(String.init)

  private struct Results: Decodable {
    let testF1: Double?
    let testPrecision: Double?
    let testRecall: Double?
    let testAccuracy: Double?
    let validF1: Double?
    let bestEpoch: Double?
    let trainSentences: Double
    let tags: Double
    let steps: Double
    let trainSeconds: Double
  }

  private func results(_ line: String?) throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(try #require(line).utf8))
  }

  /// A file of three sentences of which the words say all, with columns between the words and the tags.
  private static let cities = """
    Anna\tN\tB-PER\nlives\tV\tO\nin\tP\tO\nNew\tN\tB-LOC\nYork\tN\tI-LOC

    Berlin\tN\tB-LOC\nis\tV\tO\nold\tA\tO

    \nBen N B-PER\nsaw V O\nAnna N B-PER\n
    """

  @Test("learns sentences by heart, with and without a field", arguments: ["crf", "softmax"])
  func learns(model: String) throws {
    try withTemporaryFile(Self.cities) { file in
      let result = try program.run(
        ["--train", file, "--valid", file, "--test", file, "--model", model, "--epochs", "60", "--learning-rate"]
          + ["0.05", "--tag", "Anna lives in New York", "--json"] + small)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.lines[0] == "test F1 100.0 % (precision 100.0 %, recall 100.0 %), token accuracy 100.0 %: 5 spans in 3 "
          + "sentences")
      #expect(result.lines[1] == "[PER Anna] lives in [LOC New York]" && result.lines.count == 3)
      let results = try results(result.lines.last)
      #expect(results.testF1 == 1 && results.testAccuracy == 1 && results.validF1 == 1)
      #expect(results.testPrecision == 1 && results.testRecall == 1 && results.tags == 4)
      #expect(results.trainSentences == 3 && results.steps == 60 && results.trainSeconds > 0)
      #expect((1...60).contains(try #require(results.bestEpoch)))
      #expect(result.errors.contains("epoch 60/60  loss 0.") && result.errors.contains("  validation F1 100.0 %"))
    }
  }

  @Test("without files: names that Foundation has, few of them")
  func names() throws {
    let result = try program.run(["--sentences", "40", "--epochs", "1", "--json"] + small)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.hasPrefix("40 sentences to learn from, 4 to validate, 10 to test; 7 tags\n"))
    #expect(result.lines[0].hasPrefix("test F1 ") && result.lines.count >= 10)
    #expect(try results(result.lines.last).trainSentences == 40)
  }

  /// No name of one part is in another one, and each is tagged from its beginning to its end.
  @Test func partsOfNames() {
    let names = NameSentences()
    let parts = [NamesDataSet.Part.training, .validation, .test].map { part in
      Set(names.names[part]!.joined().map(\.folded))
    }
    #expect(parts[0].isDisjoint(with: parts[1]) && parts[0].isDisjoint(with: parts[2]))
    #expect(parts[1].isDisjoint(with: parts[2]) && parts.allSatisfy { $0.count > 100 })
    let german = names.names[.training]![NameSentences.languages.firstIndex(of: "de")!]
    #expect(german.contains(NameSentences.Name("Vereinigte Staaten", kind: "REGION")))

    let corpus = Corpus(names, count: 100)
    #expect(corpus.training.count == 100 && corpus.validation.count == 10 && corpus.test.count == 25)
    #expect(corpus == Corpus(NameSentences(), count: 100))
    for sentence in corpus.test {
      let spans = Span.spans(of: sentence.tags)
      #expect((3...6).contains(spans.count))
      for span in spans {
        let words = sentence.words[span.words].map { $0.lowercased() }
        #expect(parts[2].contains(words) && ["REGION", "LANGUAGE", "CURRENCY"].contains(span.kind.text))
      }
    }
  }

  @Test("a tag in another spelling than the one expected is wrong, and both are shown")
  func showsSpellings() throws {
    try withTemporaryFile("a\tB-\u{E9}\nb\tB-e\u{301}\n") { train in
      try withTemporaryFile("a\tB-e\u{301}\n", name: "test.tsv") { test in
        let result = try program.run(
          ["--train", train, "--test", test, "--model", "softmax", "--epochs", "60", "--learning-rate", "0.05"] + small)
        #expect(result.lines.first?.hasPrefix("test F1 0.0 % ") == true, "\(result.errors)")
        let shown = result.lines.dropFirst().map { Array($0.unicodeScalars) }
        #expect(shown == ["  [\u{E9} a]", "    expected  [e\u{301} a]"].map { Array($0.unicodeScalars) })
      }
    }
  }

  @Test("the same seed gives the same result, another one another")
  func isReproducible() throws {
    try withTemporaryFile(Self.cities) { file in
      let errors = try ["1", "1", "2"].map { seed in
        let lines = try program.run(["--train", file, "--epochs", "2", "--dropout", "0.5", "--seed", seed] + small)
          .errors
        return lines.split(separator: "\n").compactMap { $0.split(separator: "  ").dropFirst().first }
      }
      #expect(errors[0] == errors[1] && errors[0].count == 2)
      #expect(errors[0] != errors[2])
    }
  }

  @Test("a learning rate that leads to numbers that are none")
  func stopsAtNaN() throws {
    try withTemporaryFile(Self.cities) { file in
      let result = try program.run(["--train", file, "--learning-rate", "1e39", "--quiet"] + small)
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.errors.hasPrefix("Tagger: ") && result.errors.hasSuffix("a lower --learning-rate may help\n"))
    }
  }

  @Test(arguments: [
    (["--colour"], "unknown option --colour; --help lists them"),
    (["--model", "hmm"], "--model: found “hmm”, expected one of crf, softmax"),
    (["--dropout", "1"], "--dropout: found “1”, expected a number in 0...0.9"),
    (["--hidden", "0"], "--hidden: found “0”, expected a whole number in 1...1000"),
    (["--char-ngrams", "0"], "--char-ngrams: found “0”, expected MIN-MAX in 1...10"),
    (["--valid", "a.conll"], "--valid needs --train FILE"),
    (["--test", "a.conll"], "--test needs --train FILE"),
    (["--train", "no/such/file"], "no/such/file: found no file, expected a readable file of tagged sentences"),
  ])
  func refusesOptions(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors == "Tagger: \(message)\n")
  }

  @Test func help() throws {
    let help = try program.run("--help")
    #expect(help.status == 0 && help.errors.isEmpty)
    #expect(help.output.contains("usage: Tagger [--train FILE [--valid FILE] [--test FILE]]"))
  }
}

/// Files of tagged sentences.
struct TaggedSentenceTests {
  @Test func sentences() throws {
    try withTemporaryFile("a\tX\n \nb c\tpos\tB-Y\nd pos I-Y\n\n\n\t\ne\u{301}\tO\r\n") { file in
      let sentences = try TaggedSentence.sentences(inFile: file)
      #expect(sentences.map(\.words) == [["a"], ["b c", "d"], ["e\u{301}"]])
      #expect(sentences.map(\.tags) == [["X"], ["B-Y", "I-Y"], ["O"]])
    }
  }

  @Test("lines that aren't as expected")
  func refusesLines() throws {
    let (form, program) = ("expected word TAB tag", Program(name: "Tagger"))
    for (contents, message) in [
      ("\n \n", ": found no sentences, expected lines of word TAB tag, and empty lines between sentences"),
      ("a\tO\n\nword\n", ":3: found one column in “word”, \(form)"),
      ("a\tO\nb\t\n", ":2: found nothing beside a tab in “b\\t”, \(form)"),
      ("\tO\n", ":1: found nothing beside a tab in “\\tO”, \(form)"),
    ] {
      try withTemporaryFile(contents) { file in
        let result = try program.run("--train", file)
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors == "Tagger: \(file)\(message)\n")
      }
    }
    try withTemporaryFile(Data("a\tO\n".utf8) + [0x61, 0x09, 0xC3, 0x28]) { file in
      let result = try program.run("--train", file)
      #expect(result.errors == "Tagger: \(file):2: found bytes that are not UTF-8, expected UTF-8 text\n")
    }
  }

  @Test("a tag that is in no training sentence", arguments: ["--valid", "--test"])
  func refusesUnknownTags(option: String) throws {
    try withTemporaryFile("a\tO\nb\tB-X\n") { train in
      try withTemporaryFile("a\tO\n\nb\tB-Y\n", name: "test.tsv") { test in
        let result = try Program(name: "Tagger").run("--train", train, option, test)
        #expect(result.status == 2)
        #expect(
          result.errors == "Tagger: \(test):3: found the tag “B-Y”, never seen in training, "
            + "expected one of 2 tags: “B-X”, “O”\n")
      }
    }
  }
}
