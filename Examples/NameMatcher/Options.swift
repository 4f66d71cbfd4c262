import ExampleParts

/// What the command line asks for.
struct Options {
  var namesToMatch: [String] = []
  var wantsPrompt = false

  var dimensions = 64
  var characterNGrams = 1...3
  var buckets = 200_000
  var epochs = 5
  var batchSize = 256
  var learningRate = 0.005
  var scale = 10.0
  var seed: UInt64 = 1

  var isQuiet = false
  var wantsJSON = false
  var wantsHelp = false
}

extension Options {
  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--match": namesToMatch.append(try reader.value("a name"))
      case "--prompt": wantsPrompt = try reader.flag()
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--char-ngrams":
        guard let lengths = try reader.lengths(in: 1...10) else {
          throw UsageError("--char-ngrams: found “0”, expected MIN-MAX in 1...10")
        }
        characterNGrams = lengths
      case "--buckets": buckets = try reader.number(in: 1...1_000_000_000)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 2...100_000)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--scale": scale = try reader.positiveNumber()
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
  }

  private static let defaults = Options()

  static let help = """
    Finds the English name of a region, language or currency by its name in one of 39 other languages.

    usage: NameMatcher [--match NAME]… [--prompt] [options]

    It has two towers, which are bags of character n-grams: one makes a vector of a name in any language, the other one
    of an English name. Names of the same thing are brought together, by a softmax over the names of a batch. Then it
    tries names of things that it has never seen.

      --match NAME               print the English names nearest to a name; repeatable
      --prompt                   read names from standard input, one a line, and print the nearest English names

      --char-ngrams MIN-MAX      features are the n-grams of MIN to MAX characters of a word, 1...10 (\
    \(defaults.characterNGrams.lowerBound)-\(defaults.characterNGrams.upperBound))
      --buckets N                rows of the table that n-grams share (\(defaults.buckets))
      --dimensions N             columns of the tables (\(defaults.dimensions))

      --epochs N                 passes over the training names (\(defaults.epochs))
      --batch-size N             pairs of names a step, 2 or more (\(defaults.batchSize))
      --learning-rate X          at first; it falls linearly to 0 (\(defaults.learningRate))
      --scale X                  by which cosines are multiplied before the softmax (\(defaults.scale))
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result

      --quiet                    show results only
      --json                     end with one line of JSON: testNames, candidates, recallAt1, recallAt10, seconds …
      --help                     show this
    """
}
