import Foundation
import TestSupport
import Testing

/// What is wrong with the command line or a file of WordVectors: one line on standard error, status 2, and nothing on
/// standard output.
struct WordVectorsInputTests {
  private func expectRefusal(
    _ arguments: [String], _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program(name: "WordVectors").run(arguments + ["--quiet"])
    #expect(result.status == 2, sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors == "WordVectors: \(message)\n", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    (["--colour"], "unknown option --colour; --help lists them"),
    (["--train"], "--train needs a value, expected a file"),
    (["--window", "0"], "--window: found “0”, expected a whole number in 1...1000"),
    (["--char-ngrams", "6-3"], "--char-ngrams: found “6-3”, expected MIN-MAX in 1...10, or 0 for none"),
    (["--sample", "-1"], "--sample: found “-1”, expected a number in 0...1"),
    (["--load", "a", "--save", "b"], "--save and --load exclude each other: what is loaded isn't trained"),
    (["--load", "no/such/file"], "no/such/file: found no file, expected a readable file of word vectors"),
    (["--train", "no/such/file"], "no/such/file: found no file, expected a file to read"),
  ])
  func refusesOptions(arguments: [String], message: String) throws {
    try expectRefusal(arguments, message)
  }

  @Test("a text without frequent words, and one that isn't UTF-8")
  func refusesTexts() throws {
    try withTemporaryFile("to be or not to be\nto\n") { file in
      let found = "\(file): found 1 words that occur 3 times or more, expected 2 or more (--minimum-count)"
      try expectRefusal(["--train", file, "--minimum-count", "3"], found)
    }
    try withTemporaryFile("to\nbe\nto\nbe\n") { file in
      let found = "\(file): found no line with two words that occur 2 times or more, expected words around words"
      try expectRefusal(["--train", file, "--minimum-count", "2"], found)
    }
    try withTemporaryFile("to be or to be") { file in
      let found = "--sample 1e-300 leaves out all words of a pass, expected a larger number, or 0"
      try expectRefusal(["--train", file, "--minimum-count", "1", "--sample", "1e-300"], found)
    }
    try withTemporaryFile(Data("to be\n\n".utf8) + [0x61, 0xC3, 0x28, 0x0A]) { file in
      try expectRefusal(["--train", file], "\(file):3: found bytes that are not UTF-8, expected UTF-8 text")
    }
  }

  @Test("tables larger than the memory")
  func refusesHugeTables() throws {
    try withTemporaryFile("to be to be") { file in
      let result = try Program(name: "WordVectors").run(
        "--train", file, "--minimum-count", "1", "--char-ngrams", "3", "--buckets", "1000000000", "--dimensions",
        "10000")
      #expect(result.status == 2)
      #expect(
        result.errors.hasPrefix("WordVectors: tables of 1000000004 rows (twice the words, and --buckets) × 10000"))
    }
  }

  @Test("a file to save to that can't be written, before anything is learnt")
  func refusesFilesThatCannotBeWritten() throws {
    try withTemporaryDirectory { directory in
      try expectRefusal(
        ["--save", directory.path],
        "\(directory.path): found a directory, expected a file to write")
    }
  }

  @Test("pairs and questions that aren't as expected, with their line")
  func refusesLines() throws {
    try withTemporaryFile("2 1\nto 1\nbe 2\n", name: "words.vec") { vectors in
      for (option, contents, message) in [
        ("--similarity", "", ": found no pairs, expected lines of word TAB word TAB score"),
        ("--similarity", "to\tbe\t1\n\nto be 1\n", ":3: found 0 tabs in “to be 1”, expected word TAB word TAB score"),
        ("--similarity", "to\tbe\tmuch\n", ":1: found the score “much”, expected a finite number"),
        ("--analogies", ": empty\n", ": found no questions, expected lines of four words"),
        (
          "--analogies", "to be to be\nto be to\n",
          ":2: found 3 words, expected four words, or a colon and a section's name"
        ),
      ] {
        try withTemporaryFile(contents) { file in
          try expectRefusal(["--load", vectors, option, file], file + message)
        }
      }
      try expectRefusal(
        ["--load", vectors, "--neighbors", "or"],
        "--neighbors: found “or”, expected a word that is in the text --minimum-count times or more, or --char-ngrams")
    }
  }

  @Test("a learning rate that leads to NaN stops the training")
  func stopsAtNaN() throws {
    try withTemporaryFile("to be to be to be") { file in
      let result = try Program(name: "WordVectors").run(
        "--train", file, "--minimum-count", "1", "--sample", "1", "--learning-rate", "1e39", "--quiet")
      #expect(result.status == 1 && result.output.isEmpty)
      #expect(result.errors.hasPrefix("WordVectors: ") && result.errors.hasSuffix("a lower --learning-rate may help\n"))
    }
  }
}
