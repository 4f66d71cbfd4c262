import ExampleParts

/// What the command line asks for.
struct Options {
  enum Model: String, CaseIterable {
    case crf, softmax
  }

  var trainFile: String?
  var validFile: String?
  var testFile: String?
  var sentencesToTag: [String] = []
  var sentences = 4000

  var model = Model.crf
  var characterNGrams = 1...4
  var dimensions = 50
  var hidden = 50
  var dropout = 0.3
  var epochs = 8
  var batchSize = 32
  var learningRate = 0.005
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
      case "--train": trainFile = try reader.value("a file")
      case "--valid": validFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--tag": sentencesToTag.append(try reader.value("words with spaces between them"))
      case "--sentences": sentences = try reader.number(in: 1...1_000_000)
      case "--model": model = try reader.choice()
      case "--char-ngrams":
        guard let lengths = try reader.lengths(in: 1...10) else {
          throw UsageError("--char-ngrams: found “0”, expected MIN-MAX in 1...10")
        }
        characterNGrams = lengths
      case "--dimensions": dimensions = try reader.number(in: 1...1000)
      case "--hidden": hidden = try reader.number(in: 1...1000)
      case "--dropout": dropout = try reader.number(in: 0...0.9)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...100_000)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if trainFile == nil {
      if validFile != nil { throw UsageError("--valid needs --train FILE") }
      if testFile != nil { throw UsageError("--test needs --train FILE") }
    }
  }

  private static let defaults = Options()

  static let help = """
    Learns to tag the words of sentences: an LSTM in both directions, and a conditional random field that knows which
    tag may follow which.

    usage: Tagger [--train FILE [--valid FILE] [--test FILE]] [--tag SENTENCE]… [options]

    Without --train it learns from “sentences” that it makes of names of regions, languages and currencies in eight
    languages, as Foundation brings them, with months and weekdays between them. B-REGION is the first word of a
    region's name, I-REGION another one of it, and so on. The names that it is tested with are not in the training.

    A FILE has one word a line, word TAB tag, and an empty line after each sentence. There may be more columns; the
    first one is the word and the last one the tag. Columns may also have spaces between them, as in CoNLL's files.

      --train FILE               learn from these sentences
      --valid FILE               tag these after each epoch, and take the model that does so best
      --test FILE                tag these at the end
      --tag SENTENCE             print the tags of words with spaces between them; repeatable
      --sentences N              without files, to learn from; a tenth more validate, a quarter test (\(defaults.sentences))

      --model NAME               crf, or softmax to tag each word by itself (\(defaults.model.rawValue))
      --char-ngrams MIN-MAX      a word is its n-grams of MIN to MAX characters, and itself if training had it, 1...10
                                 (\(defaults.characterNGrams.lowerBound)-\(defaults.characterNGrams.upperBound))
      --dimensions N             numbers of a word's vector (\(defaults.dimensions))
      --hidden N                 units of the LSTM in each direction (\(defaults.hidden))
      --dropout X                share of the numbers that a step leaves out, 0...0.9 (\(defaults.dropout))
      --epochs N                 passes over the training sentences (\(defaults.epochs))
      --batch-size N             sentences a step (\(defaults.batchSize))
      --learning-rate X          of Adam, at first; it falls linearly to 0 (\(defaults.learningRate))
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result

    F1 is that of spans, as conlleval counts them: a span is right if its words and its kind are. Tags without B- and I-
    are spans of one word, except for O.

      --quiet                    show results only
      --json                     end with one line of JSON: testF1, testAccuracy, validF1, trainSeconds …
      --help                     show this
    """
}
