import ExampleParts

/// What the command line asks for.
struct Options {
  var trainFile: String?
  var loadFile: String?
  var saveFile: String?
  var similarityFiles: [String] = []
  var analogiesFile: String?
  var wordsToShow: [String] = []

  var dimensions = 100
  var window = 5
  var negatives = 5
  var sample = 1e-4
  var minimumCount = 5
  var isBagOfWords = false
  var characterNGrams: ClosedRange<Int>?
  var buckets = 500_000
  var epochs = 5
  var batchSize = 300
  var learningRate: Double?
  var seed: UInt64 = 1
  var shards: Int?
  var deadline: Int?

  var isQuiet = false
  var wantsJSON = false
  var wantsHelp = false
}

extension Options {
  /// What is usual for the names that Foundation has: they are few, and a line of them has no order.
  private static let forNames: Options = {
    var options = Options()
    (options.window, options.minimumCount, options.sample, options.epochs) = (20, 2, 1e-3, 20)
    options.wordsToShow = ["islands", "dollar", "old", "south"]
    return options
  }()

  var usualLearningRate: Double { isBagOfWords ? 0.05 : 0.025 }

  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    let isOfNames = !arguments.contains { $0 == "--train" || $0.hasPrefix("--train=") }
    self = isOfNames ? Self.forNames : Options()
    var reader = ArgumentReader(arguments)
    var trainingOptions: [String] = []
    var words: [String] = []
    while let option = try reader.nextOption() {
      if !Self.optionsWithoutTraining.contains(option) { trainingOptions.append(option) }
      switch option {
      case "--train": trainFile = try reader.value("a file")
      case "--load": loadFile = try reader.value("a file")
      case "--save": saveFile = try reader.value("a file")
      case "--similarity": similarityFiles.append(try reader.value("a file"))
      case "--analogies": analogiesFile = try reader.value("a file")
      case "--neighbors": words.append(try reader.value("a word"))
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--window": window = try reader.number(in: 1...1000)
      case "--negatives": negatives = try reader.number(in: 1...1000)
      case "--sample": sample = try reader.number(in: 0...1.0)
      case "--minimum-count": minimumCount = try reader.number(in: 1...1_000_000_000)
      case "--cbow": isBagOfWords = try reader.flag()
      case "--char-ngrams": characterNGrams = try reader.lengths(in: 1...10)
      case "--buckets": buckets = try reader.number(in: 1...1_000_000_000)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--shards": shards = try reader.powerOfTwo()
      case "--deadline": deadline = try reader.number(in: 1...1_000_000)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if loadFile != nil, let option = trainingOptions.first {
      throw UsageError("\(option) and --load exclude each other: what is loaded isn't trained")
    }
    try checkDistinct(
      read: [("--train", trainFile), ("--analogies", analogiesFile)] + similarityFiles.map { ("--similarity", $0) },
      written: [("--save", saveFile)])
    if loadFile != nil || !words.isEmpty || !similarityFiles.isEmpty || analogiesFile != nil { wordsToShow = words }
  }

  /// What vectors that are loaded can be asked for.
  private static let optionsWithoutTraining: Set = [
    "--load", "--similarity", "--analogies", "--neighbors", "--quiet", "--json", "--help", "-h",
  ]

  private static let defaults = Options()

  static let help = """
    Learns word vectors from a text: skip-gram or CBOW with negative sampling, as word2vec and fastText do.

    usage: WordVectors [--train FILE] [--save FILE] [--similarity FILE]… [--analogies FILE] [--neighbors WORD]…
           WordVectors --load FILE [--similarity FILE]… [--analogies FILE] [--neighbors WORD]…

    A text is UTF-8. Its words are lower-cased, punctuation is words of its own, and no window reaches beyond a line.
    Without --train the text is what 40 languages call each region, language and currency, a line each, from Foundation;
    then the words nearest to one are mostly its translations. Whatever the number of threads (SLICEGRAD_THREADS), the
    vectors have the same bits.

      --train FILE               learn from this text
      --save FILE                write the vectors in the text format of word2vec
      --load FILE                use the vectors of such a file instead of training

      --similarity FILE          Spearman's correlation of cosine and score, for lines of word TAB word TAB score;
                                 repeatable
      --analogies FILE           the accuracy of a : b = c : ?, for lines of four words; “: name” begins a section
      --neighbors WORD           the 10 nearest words; repeatable. With --char-ngrams also for a word never seen

      --dimensions N             numbers in a vector (\(defaults.dimensions))
      --window N                 words to either side that a word is to tell, at most (\(defaults.window); names: \(forNames.window))
      --negatives N              words drawn against each pair (\(defaults.negatives)); two pairs share theirs
      --sample X                 words with more than about this share of the text are left out at random, the more
                                 frequent the more often; 0: none (\(defaults.sample); names: \(forNames.sample))
      --minimum-count N          words that occur less often are left out (\(defaults.minimumCount); names: \(forNames.minimumCount))
      --cbow                     the words of a window together are to tell the one in the middle
      --char-ngrams MIN-MAX      a word's vector is made of its own and those of its MIN to MAX characters; 0: none (0)
      --buckets N                rows of the table that n-grams share (\(defaults.buckets))

      --epochs N                 passes over the text (\(defaults.epochs); names: \(forNames.epochs))
      --batch-size N             windows a step at most (\(defaults.batchSize)); fewer where words are few
      --learning-rate X          at first; it falls linearly to 0 (0.025; with --cbow 0.05)
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result
    \(Ranks.help)

      --quiet                    show results only
      --json                     end with one line of JSON: spearman and pairs of each similarity file,
                                 analogyAccuracy, wordsPerSecond, trainSeconds, loss …
      --help                     show this
    """
}
