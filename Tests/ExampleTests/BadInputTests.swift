import Foundation
import TestSupport
import Testing

/// What is wrong with the command line or a file: one line on standard error, status 2, and nothing on standard output.
struct BadInputTests {
  private func expectRefusal(
    _ arguments: [String], _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program(name: "TextClassifier").run(arguments)
    #expect(result.status == 2, sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors == "TextClassifier: \(message)\n", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    (["--colour"], "unknown option --colour; --help lists them"),
    (["--tarin", "a.tsv"], "unknown option --tarin; did you mean --train? --help lists them"),
    (["--batchsize=2"], "unknown option --batchsize; did you mean --batch-size? --help lists them"),
    (["-epoch", "2"], "unknown option -epoch; did you mean --epochs? --help lists them"),
    (["--tarni"], "unknown option --tarni; --help lists them"),
    (["-t"], "unknown option -t; --help lists them"),
    (["--quiet", "train.tsv"], "unexpected argument “train.tsv”; --help shows the usage"),
    (["--train"], "--train needs a value, expected a file"),
    (["--epochs", "0"], "--epochs: found “0”, expected a whole number in 1...100000"),
    (["--epochs", "many"], "--epochs: found “many”, expected a whole number in 1...100000"),
    (["--char-ngrams", "4-1"], "--char-ngrams: found “4-1”, expected MIN-MAX in 1...10, or 0 for none"),
    (["--learning-rate", "-1"], "--learning-rate: found “-1”, expected a number above 0"),
    (["--learning-rate", "nan"], "--learning-rate: found “nan”, expected a number above 0"),
    (["--optimizer", "lion"], "--optimizer: found “lion”, expected one of sparse-adam, adam, sgd"),
    (["--test", "a.tsv"], "--test needs --train FILE or --load FILE"),
    (["--valid", "a.tsv"], "--valid needs --train FILE"),
    (["--load", "a", "--train", "b"], "--train and --load exclude each other: what is loaded isn't trained"),
    (["--load", "a", "--epochs", "7"], "--epochs and --load exclude each other: what is loaded isn't trained"),
    (["--load", "no/such/file"], "no/such/file: found no file, expected a file to read"),
    (["--optimizer", "a\nb"], "--optimizer: found “a\\nb”, expected one of sparse-adam, adam, sgd"),
    (
      ["--optimizer", "\u{202E}" + String(repeating: "x", count: 1000)],
      #"--optimizer: found “\u{202E}"# + String(repeating: "x", count: 59)
        + "…”, expected one of sparse-adam, adam, sgd"
    ),
    (["--quiet=yes"], "--quiet takes no value, found “yes”"),
  ])
  func refusesOptions(arguments: [String], message: String) throws {
    try expectRefusal(arguments, message)
  }

  @Test("a file to save to that can't be written, before anything is learnt")
  func refusesFilesThatCannotBeWritten() throws {
    try withTemporaryDirectory { directory in
      let expected = "expected a file to write"
      for path in [directory.path, "."] {
        try expectRefusal(["--save", path], "\(path): found a directory, \(expected)")
      }
      let missing = directory.path + "/missing/model"
      try expectRefusal(["--save", missing], "\(missing): found no directory \(directory.path)/missing, \(expected)")
      #expect(try directory.fileNames() == [])
    }
  }

  @Test("a table larger than the memory")
  func refusesHugeTables() throws {
    // Dense Adam takes five tables with validation, 200 kB a row. A word of 20 digits has over 60 n-grams of its own.
    let count = ProcessInfo.processInfo.physicalMemory / 200_000 / 30
    let lines = (1...count).map { "a\t\($0 &* 0x9E37_79B9_7F4A_7C15)\n" }
    try withTemporaryFile(lines.joined()) { file in
      let result = try Program(name: "TextClassifier").run(
        "--train", file, "--valid", file, "--char-ngrams", "1-10", "--buckets", "100000000", "--dimensions", "10000",
        "--optimizer", "adam")
      #expect(result.status == 2)
      #expect(
        try result.errors.contains(
          Regex(#"^TextClassifier: a table of \d{5,} rows \(words and n-grams\) × 10000 columns \(--dimensions\)"#)))
    }
  }

  @Test("a missing file")
  func refusesMissingFile() throws {
    try expectRefusal(
      ["--train", "no/such/file"], "no/such/file: found no file, expected a readable file of labelled text")
  }

  @Test("lines that aren't as expected")
  func refusesLines() throws {
    for (contents, message) in [
      ("", ": found no examples, expected lines of label TAB text or __label__x text"),
      ("a\tb\nno tab\n", ":2: found no tab in “no tab”, expected label TAB text"),
      ("a\tb\n\n\t text\n", ":3: found an empty label, expected label TAB text"),
    ] {
      try withTemporaryFile(contents) { file in
        try expectRefusal(["--train", file], file + message)
      }
    }
  }

  @Test("bytes that aren't UTF-8")
  func refusesInvalidUTF8() throws {
    try withTemporaryFile(Data("a\tb\na\tb\n".utf8) + [0x61, 0x09, 0xC3, 0x28]) { file in
      try expectRefusal(["--train", file], "\(file):3: found bytes that are not UTF-8, expected UTF-8 text")
    }
  }

  @Test("a line of 100 MB")
  func refusesLongLine() throws {
    try withTemporaryFile(Data("a\tb\n".utf8) + Data(repeating: 0x61, count: 100_000_000)) { file in
      try expectRefusal(
        ["--train", file], "\(file):2: found a line of more than 1048576 bytes, expected shorter lines")
    }
  }
}
