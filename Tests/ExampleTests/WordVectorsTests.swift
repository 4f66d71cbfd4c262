import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import WordVectors

/// What the program learns and prints.
struct WordVectorsTests {
  private let program = Program(name: "WordVectors")

  private struct Results: Decodable {
    struct Training: Decodable {
      let words: Int
      let epochs: Int
      let loss: Double
      let trainSeconds: Double
      let wordsPerSecond: Double
    }
    let training: Training?
    let vocabulary: Int
    let dimensions: Int
    let pairs: [Int]
    let spearman: [Double?]
    let analogyAccuracy: Double?
  }

  private func results(_ line: String?) throws -> Results {
    try JSONDecoder().decode(Results.self, from: Data(try #require(line).utf8))
  }

  /// Animals sleep and colours shine: words of one kind have the same words around them, and never each other.
  private static let text: String = {
    let animals = ["cat", "dog", "cow", "pig"]
    let colours = ["red", "blue", "green", "white"]
    return (0..<200).map { i in
      "the \(animals[i % 4]) sleeps softly\nhow \(colours[(i + i / 4) % 4]) shines brightly"
    }.joined(separator: "\n")
  }()

  private static let small = ["--dimensions", "10", "--sample", "1", "--window", "2", "--learning-rate", "0.1"]

  @Test("words with the same words around them become neighbours", arguments: [[], ["--cbow"]])
  func learns(model: [String]) throws {
    try withTemporaryFile(Self.text) { file in
      let pairs = file + ".pairs"
      try "cat\tcow\t9\nred\tblue\t9\r\ncat\tred\t1\ndog\twhite\t1\ncat\tunicorn\t5\n"
        .write(toFile: pairs, atomically: true, encoding: .utf8)
      let result = try program.run(
        ["--train", file, "--similarity", pairs, "--neighbors", "Cat", "--neighbors", "blue", "--json"] + Self.small
          + model)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.lines[0].hasPrefix("\(pairs): Spearman 0.89") && result.lines[0].hasSuffix(" on 4 of 5 pairs"))
      func nearest(_ line: String) -> Set<Substring> {
        Set(
          line.split(separator: ": ")[1].split(separator: ", ").prefix(3).compactMap { $0.split(separator: " ").first })
      }
      #expect(nearest(result.lines[1]) == ["dog", "cow", "pig"])
      #expect(nearest(result.lines[2]) == ["red", "green", "white"])
      let results = try results(result.lines.last)
      #expect(results.vocabulary == 14 && results.dimensions == 10 && results.pairs == [4])
      #expect(results.training?.words == 1600 && results.training?.epochs == 5)
      #expect(abs(try #require(results.spearman[0]) - 0.8944) < 1e-3)  // two ties in the scores, none in the cosines
      #expect(result.errors.contains("epoch 5/5  loss "))
    }
  }

  @Test("a word never seen is near words that share its n-grams, and unknown without them")
  func makesVectorsOfNGrams() throws {
    try withTemporaryFile(Self.text) { file in
      let options = ["--train", file, "--neighbors", "shining", "--quiet"] + Self.small
      let result = try program.run(options + ["--char-ngrams", "3-4", "--buckets", "1000"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.hasPrefix("shining (never seen): shines "))
      let refused = try program.run(options)
      #expect(refused.status == 2)
      #expect(
        refused.errors
          == "WordVectors: --neighbors: found “shining”, expected a word that is in the text --minimum-count times or more, or --char-ngrams\n"
      )
    }
  }

  @Test("the same bits on 1 and 3 threads, other ones for another seed", arguments: [[], ["--char-ngrams", "3"]])
  func isReproducible(model: [String]) throws {
    var generator = RandomGenerator(seed: 1)
    let text = (0..<100).map { _ in
      (0..<20).map { _ in "word\(Int.random(in: 0..<400, using: &generator))" }.joined(separator: " ")
    }.joined(separator: "\n")
    try withTemporaryFile(text) { file in
      let contents = try [("1", "1"), ("3", "1"), ("3", "2")].map { threads, seed in
        let result = try program.run(
          ["--train", file, "--save", file + ".vec", "--minimum-count", "1", "--epochs", "1", "--seed", seed]
            + ["--dimensions", "50", "--sample", "0.1", "--buckets", "1000", "--quiet"] + model,
          environment: ["SLICEGRAD_THREADS": threads])
        #expect(result.status == 0, "\(result.errors)")
        return try Data(contentsOf: URL(filePath: file + ".vec"))
      }
      #expect(contents[0] == contents[1])
      #expect(contents[1] != contents[2])
    }
  }

  /// b − a + c is exactly d for “man king woman queen”, and nearest to cat for “man king dog car”.
  private static let vectors = """
    7 3
    man 1 0 0
    king 1 1 0
    woman 0 0 1
    queen -0.29289322 0.70710678 1
    dog 0.1 -1 0.2
    cat -1 -1 0
    car 0.3 0.3 0.3

    """

  @Test("saved vectors are used: analogies by section, without questions of unknown words")
  func answersAnalogies() throws {
    try withTemporaryFile(Self.vectors, name: "words.vec") { vectors in
      try withTemporaryFile(": royal\nMan King Woman Queen\nman king king unicorn\n: pets\nman king dog car\n") {
        file in
        let result = try program.run("--load", vectors, "--analogies", file, "--neighbors", "man", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
          result.lines.prefix(3) == [
            "  royal: 100.0 % right, 1 of 1", "  pets: 0.0 % right, 0 of 1",
            "analogies: 50.0 % right, 1 of 2, 1 of 3 left out",
          ])
        #expect(result.lines[3].hasPrefix("man: king 0.71, car 0.58, dog 0.10, woman 0.00, queen -0.23, cat -0.71"))
        let results = try results(result.lines.last)
        #expect(results.analogyAccuracy == 0.5 && results.vocabulary == 7 && results.training == nil)
      }
    }
  }

  /// scipy.stats.spearmanr gives the same.
  @Test(
    arguments: [
      ([1, 2, 2, 4, 5], [3, 1, 4, 4, 8], 0.7631578947368421),
      ([10, 9, 9, 7, 2, 2, 2], [0.5, 0.7, 0.1, 0.1, 0.1, -0.3, 0.2], 0.582551728035463),
      ([1, 2, 3], [30, 20, 10], -1),
    ] as [([Double], [Double], Double)])
  func correlationWithTies(x: [Double], y: [Double], correlation: Double) throws {
    #expect(abs(try #require(spearman(x, y)) - correlation) < 1e-12)
  }

  @Test("no correlation where there is none")
  func noCorrelation() {
    #expect(spearman([], []) == nil)
    #expect(spearman([1], [2]) == nil)
    #expect(spearman([1, 1, 1], [1, 2, 3]) == nil)
    #expect(ranks([3, 1, 4, 4, 8, 4]) == [2, 1, 4, 4, 6, 4])  // scipy.stats.rankdata
  }

  #if !DEBUG
    @Test("from names: the words nearest to one are its translations")
    func learnsNames() throws {
      let result = try program.run("--neighbors", "islands", "--quiet")
      #expect(result.output.hasPrefix("islands: "))
      #expect(result.output.contains("islas ") && result.output.contains("îles "))
    }
  #endif
}
