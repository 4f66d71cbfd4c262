import ExampleParts

/// What the command line asks for.
struct Options {
  /// What a text's elements are.
  enum Element: String, CaseIterable {
    case words, characters
  }

  var trainFile: String?
  var validFile: String?
  var testFile: String?
  var vectorFile: String?
  var textsToClassify: [String] = []

  var encoder = TextEncoder.Kind.cnn
  var element: Element?
  var dimensions = 100
  var isStatic = false
  var hidden = 100
  var layers = 1
  var heads = 4
  var filterLengths = [3, 4, 5]
  var minimumCount = 1
  var longest = 400

  var epochs = 8
  var batchSize = 50
  var dropout = 0.5
  var wordDropout = 0.0
  var learningRate = 0.001
  var tableLearningRate: Double?
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
      case "--classify": textsToClassify.append(try reader.value("a text"))
      case "--model": encoder = try reader.choice()
      case "--elements": element = try reader.choice()
      case "--vectors": vectorFile = try reader.value("a file")
      case "--static": isStatic = try reader.flag()
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--hidden": hidden = try reader.number(in: 1...10_000)
      case "--layers": layers = try reader.number(in: 1...20)
      case "--heads": heads = try reader.number(in: 1...64)
      case "--filter-lengths": filterLengths = try reader.numbers(in: 1...100)
      case "--min-count": minimumCount = try reader.number(in: 1...1_000_000)
      case "--longest": longest = try reader.number(in: 1...1_000_000)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--dropout": dropout = try reader.number(in: 0...0.9)
      case "--word-dropout": wordDropout = try reader.number(in: 0...0.9)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--table-learning-rate": tableLearningRate = try reader.positiveNumber()
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
    if isStatic && vectorFile == nil { throw UsageError("--static needs --vectors FILE") }
    if encoder == .attention && dimensions % heads != 0 {
      throw UsageError("--dimensions \(dimensions) can't be cut into --heads \(heads) of one size")
    }
  }

  /// Words, or the letters of names.
  var elements: Element { element ?? (trainFile == nil ? .characters : .words) }

  private static let defaults = Options()

  static let help = """
    Classifies texts by their words in order: a convolution, recurrent layers or attention, or a bag for comparison.

    usage: SequenceClassifier [--train FILE [--valid FILE] [--test FILE]] [--classify TEXT]… [options]

    Without --train it learns to tell 40 languages apart by the letters of their names of regions, languages and
    currencies. A FILE has one text a line: label TAB text, or __label__x text as for fastText.

      --train FILE               learn from these texts
      --valid FILE               show the accuracy on these after each epoch, and take the best one
      --test FILE                show the accuracy on these at the end
      --classify TEXT            print the most probable labels of a text; repeatable

      --model NAME               cnn, gru, lstm, attention or bag (\(defaults.encoder.rawValue))
      --elements NAME            words or characters (words; of names: characters)
      --vectors FILE             start the table with these word vectors, of word2vec's or GloVe's text format
      --static                   leave them as they are
      --dimensions N             columns of the table (\(defaults.dimensions))
      --hidden N                 filters of each length, or units of each direction (\(defaults.hidden))
      --filter-lengths N,…       of cnn, in elements (\(defaults.filterLengths.map { "\($0)" }.joined(separator: ",")))
      --layers N                 of gru, lstm and attention (\(defaults.layers))
      --heads N                  of attention (\(defaults.heads))
      --min-count N              elements that are rarer in the training texts are unknown (\(defaults.minimumCount))
      --longest N                elements of a text that count (\(defaults.longest))

      --epochs N                 passes over the training texts (\(defaults.epochs))
      --batch-size N             texts a step (\(defaults.batchSize))
      --dropout X                of what is classified, 0...0.9 (\(defaults.dropout))
      --word-dropout X           of whole words, 0...0.9 (\(defaults.wordDropout))
      --learning-rate X          at first; it falls linearly to 0 (\(defaults.learningRate))
      --table-learning-rate X    of the table, likewise (that of the others)
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result

      --quiet                    show results only
      --json                     end with one line of JSON: testAccuracy, validAccuracy, trainSeconds, stepSeconds …
      --help                     show this
    """
}
