import ExampleParts
import SliceGradFiles

/// What the command line asks for.
struct Options {
  /// The optimizer of the embedding table; the dense layer always has Adam.
  enum TableOptimizer: String, CaseIterable, Encodable {
    case sparseAdam = "sparse-adam"
    /// Adam for the whole table: every step updates all of its rows.
    case adam
    case sgd

    var usualLearningRate: Double { self == .sgd ? 50 : 0.02 }
  }

  var trainFile: String?
  var validFile: String?
  var testFile: String?
  var saveFile: String?
  var checkpointFile: String?
  var reportFile: String?
  var logFile: String?
  var loadFile: String?
  var weightsFile: String?
  var textsToClassify: [String] = []

  var loss: Loss?
  /// As `ClassWeights` reads it.
  var classWeights: String?

  var dimensions = 64
  var wordNGrams = 1
  var characterNGrams: ClosedRange<Int>? = 1...4
  var buckets = 500_000
  var epochs = 5
  var batchSize = 64
  var learningRate: Double?
  var denseLearningRate = 0.01
  var seed: UInt64 = 1
  /// How many parts a batch has, for several threads or ranks, if it has any.
  var shards: Int?
  /// For how many seconds ranks wait for one that does not come.
  var deadline: Int?
  var tableOptimizer = TableOptimizer.sparseAdam

  /// The bits of a weight in the saved file, if it is to be small, and the number of bytes that it may have.
  var quantizationBits: Int?
  var maxSize: ByteCount?

  /// How long to look for better options, if the user wishes that.
  var tuneSeconds: Double?
  var mostTrials: Int?
  /// The options that the user has given.
  private(set) var given: Set<String> = []

  var isQuiet = false
  var wantsJSON = false
  var wantsHelp = false
}

extension Options {
  /// Leaves the progress and the log to another process.
  mutating func keepQuiet() { (isQuiet, logFile) = (true, nil) }

  /// Whether nothing is left of what is learnt from the user's texts but the losses.
  var keepsNothing: Bool {
    trainFile != nil && textsToClassify.isEmpty
      && [saveFile, validFile, testFile, checkpointFile].allSatisfy { $0 == nil }
  }

  /// Whether there are n-grams of words or characters, and so buckets for them.
  var hasNGrams: Bool { wordNGrams > 1 || characterNGrams != nil }

  /// The table's learning rate: the one given, or the optimizer's usual one.
  var tableLearningRate: Double { learningRate ?? tableOptimizer.usualLearningRate }

  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    var trainingOptions: [String] = []
    while let option = try reader.nextOption() {
      given.insert(option)
      if !Self.optionsWithoutTraining.contains(option) { trainingOptions.append(option) }
      switch option {
      case "--train": trainFile = try reader.value("a file")
      case "--valid": validFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--save": saveFile = try reader.value("a file")
      case "--checkpoint": checkpointFile = try reader.value("a file")
      case "--report": reportFile = try reader.value("a file")
      case "--log": logFile = try reader.value("a file")
      case "--weights": weightsFile = try reader.value("a file")
      case "--class-weights": classWeights = try reader.value("balanced, a file or label=weight,…")
      case "--loss": loss = try reader.choice()
      case "--load": loadFile = try reader.value("a file")
      case "--classify": textsToClassify.append(try reader.value("a text"))
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--word-ngrams": wordNGrams = try reader.number(in: 1...10)
      case "--char-ngrams": characterNGrams = try reader.lengths(in: 1...10)
      case "--buckets": buckets = try reader.number(in: 1...1_000_000_000)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--dense-learning-rate": denseLearningRate = try reader.positiveNumber()
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--shards": shards = try reader.powerOfTwo()
      case "--deadline": deadline = try reader.number(in: 1...1_000_000)
      case "--quantize": quantizationBits = try reader.bits()
      case "--max-size": maxSize = try reader.byteCount()
      case "--tune": tuneSeconds = try reader.number(in: 0.001...1e9)
      case "--trials": mostTrials = try reader.number(in: 1...1_000_000)
      case "--optimizer": tableOptimizer = try reader.choice()
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    try checkFiles()
    if loadFile != nil {
      if let option = trainingOptions.first {
        throw UsageError("\(option) and --load exclude each other: what is loaded isn't trained")
      }
    } else if trainFile == nil {
      if validFile != nil { throw UsageError("--valid needs --train FILE") }
      if weightsFile != nil { throw UsageError("--weights needs --train FILE") }
      if testFile != nil { throw UsageError("--test needs --train FILE or --load FILE") }
    }
    if tuneSeconds != nil && trainFile != nil && validFile == nil { throw UsageError("--tune needs --valid FILE") }
    if tuneSeconds != nil && checkpointFile != nil {
      throw UsageError("--tune and --checkpoint exclude each other: train with the options that tuning chose")
    }
    if quantizationBits != nil && saveFile == nil { throw UsageError("--quantize needs --save FILE") }
    if maxSize != nil && quantizationBits == nil { throw UsageError("--max-size needs --quantize 8 or 4") }
    if mostTrials != nil && tuneSeconds == nil { throw UsageError("--trials needs --tune SECONDS") }
  }

  /// Throws `UsageError` if a file would be written twice or over one that is read, or a report has no texts.
  private func checkFiles() throws(UsageError) {
    try checkDistinct(
      read: [
        ("--train", trainFile), ("--valid", validFile), ("--test", testFile), ("--load", loadFile),
        ("--weights", weightsFile), ("--class-weights", classWeights),
      ],
      written: [
        ("--save", saveFile), ("--checkpoint", checkpointFile), ("--report", reportFile), ("--log", logFile),
      ])
    let isOfNames = trainFile == nil && loadFile == nil
    if reportFile != nil, testFile == nil, loadFile != nil || validFile == nil, !isOfNames {
      throw UsageError("--report needs texts to report on: --test FILE" + (loadFile == nil ? " or --valid FILE" : ""))
    }
  }

  /// What a classifier that is loaded can be asked for.
  private static let optionsWithoutTraining: Set = [
    "--load", "--test", "--report", "--classify", "--quiet", "--json", "--help", "-h",
  ]

  private static let defaults = Options()
  private static let usualLearningRates =
    "\(TableOptimizer.sparseAdam.usualLearningRate); sgd: \(TableOptimizer.sgd.usualLearningRate)"

  static let help = """
    Classifies texts by their words and n-grams: an embedding bag and a dense layer, trained with sparse gradients.

    usage: TextClassifier [train] [--train FILE [--valid FILE] [--test FILE]] [--save FILE] [--classify TEXT]… [options]
           TextClassifier --load FILE [--test FILE [--report FILE]] [--classify TEXT]…
           TextClassifier test | predict | neighbors | export | quantize --help

    Without --train it learns to tell 40 languages apart by their names of regions, languages and currencies.
    A FILE has one text a line: label TAB text, or __label__x text as for fastText. LF, CR or CRLF end a line. In
    fastText's form a text may have several labels: each word that begins with __label__ is one. The first begins the line.
    Texts for --valid and --test may have labels that training never showed: they count as wrong.
    For a saved classifier there are commands: test (also by label), predict (labels texts line by line), neighbors
    (lists similar words), export (writes its word vectors for other programs) and quantize (makes its file small).

      --train FILE               learn from these texts
      --valid FILE               show the accuracy on these after each epoch, and take the best one; of independent
                                 labels the micro F1 with the best threshold, which is saved too
      --test FILE                show the accuracy on these at the end
      --save FILE                write the trained classifier to a safetensors file; that it can be written is tried
                                 before. If the loss becomes NaN, the best epoch with --valid is written (status 1)
      --quantize N               write it with 8 or 4 bits a weight, without the rows that no training text has, as the
                                 command quantize does with --train, and print how much of the accuracy is lost: on
                                 the texts of --valid, else on those of training. What follows is the small one's.
                                 Of several processes, the first one then has the whole table
      --max-size SIZE            and take rows away until it has at most so many bytes: 1000000, 900KB, 1MiB
      --checkpoint FILE          save the training there after each epoch, every minute and when it is interrupted
                                 (Ctrl-C, SIGTERM, a closed terminal; status 130). The same command goes on from
                                 it, with the same result. Remove the file to begin anew
      --report FILE              write a page on how well it does on the texts of --test, else --valid: curves, the
                                 confusion matrix, figures by label, the most confused pairs with texts,
                                 calibration, settings and times; of texts with one label each. One HTML file, for
                                 any browser
      --log FILE                 write what happens as lines of JSON: trial of --tune, start with the settings,
                                 epoch with loss, validationAccuracy (or validationMicroF1), seconds and
                                 examplesPerSecond, end with the results, or error. An older file is replaced, unless
                                 the training goes on from a checkpoint: then lines are added, after resume. Of an
                                 epoch that is there twice the later line counts
      --load FILE                use the one of such a file, or fastText's .bin or .ftz, instead of training
      --classify TEXT            print the most probable labels of a text; repeatable

      --word-ngrams N            features are the n-grams of 1 to N words, 1...10 (\(defaults.wordNGrams))
      --char-ngrams MIN-MAX      and those of MIN to MAX characters of a word, 1...10; 0: none (1-4)
      --buckets N                hash n-grams into N buckets; those of training texts have rows (\(defaults.buckets))
      --dimensions N             columns of the table (\(defaults.dimensions))

      --loss NAME                softmax: a text has one label, and the probabilities of all labels add up to 1;
                                 independent: a text has any number of labels, and each has a probability of its own
                                 (independent if a training text has several labels, else softmax)
      --class-weights WHICH      how much a label counts: balanced, which is n / (labels · count) for a label that is
                                 there count times of n; label=weight,… (others 1); or a file of label TAB weight.
                                 With softmax it is a factor of the loss of the label's texts, as in --weights; with
                                 independent, of the loss where a text has the label
      --weights FILE             how much each text of --train counts: one number a line, 0 or more, as many as texts.
                                 The numbers are divided by their mean, and multiply the losses of the texts

      --tune SECONDS             first try other values of --word-ngrams, --char-ngrams, --buckets, --dimensions,
                                 --epochs and the learning rates, but for those that are given, for so long; show
                                 the scores on --valid, and go on with the best. Interrupted, it shows those so far
                                 (Ctrl-C, SIGTERM, a closed terminal; status 130)
      --trials N                 tune with so many trials at most. With the same seed and as many trials the result is
                                 the same, if the seconds suffice for them

      --epochs N                 passes over the training texts (\(defaults.epochs))
      --batch-size N             texts a step (\(defaults.batchSize))
      --optimizer NAME           of the table: sparse-adam, adam (all rows in every step) or sgd (sparse-adam)
      --learning-rate X          of the table, at first; it falls linearly to 0 (\(usualLearningRates))
      --dense-learning-rate X    of the dense layer's Adam, likewise (\(defaults.denseLearningRate))
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result
    \(Ranks.help)

      --quiet                    show results only
      --json                     end with one line of JSON: examples, testAccuracy, trainSeconds (reading and
                                 features included), stepSeconds (the training steps alone), epochs …
      --help                     show this

    example: TextClassifier --train train.tsv --valid valid.tsv --test test.tsv --save languages.safetensors
    """
}
