import ExampleParts

/// What the command line asks for.
struct Options {
  enum Task: String, CaseIterable {
    case ratings, ranking
  }

  var task = Task.ratings
  var trainFile: String?
  var testFile: String?

  var dimensions = 64
  var epochs: Int?
  var batchSize: Int?
  var learningRate: Double?
  var weightDecay: Double?
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
      case "--task": task = try reader.choice()
      case "--train": trainFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--weight-decay": weightDecay = try reader.number(in: 0...1000)
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if testFile != nil && trainFile == nil { throw UsageError("--test needs --train FILE") }
    let decay = max(factorDecay, biasDecay)
    guard tableLearningRate * decay < 1 else {
      throw UsageError(
        "the learning rate is \(tableLearningRate) and a weight decay \(decay), expected a product below 1 "
          + "(--learning-rate, --weight-decay)")
    }
  }

  /// The learning rate and the weight decay of the factors: those given, or the task's usual ones.
  var tableLearningRate: Double { learningRate ?? (task == .ratings ? 0.04 : 0.01) }
  var factorDecay: Double { weightDecay ?? (task == .ratings ? 7 : 0.5) }
  /// Biases of ratings are means of many: they need less to keep them small.
  var biasDecay: Double { task == .ratings ? 1 : factorDecay }

  private static let defaults = Options()

  static let help = """
    Learns what users think of items, or which ones they choose: matrix factorization on tables of users and items.

    usage: Recommender [--train FILE [--test FILE]] [--task ratings|ranking] [options]

    A FILE has one rating a line: user TAB item TAB rating TAB time, as MovieLens' u.data; the time may be missing.
    Without --train it draws factors of users and items, and makes ratings of them with some noise. No prediction can be
    expected to have a smaller error than the noise.

      --task ratings             predict the ratings (SVD++), and show the root mean square error; this is the default
      --task ranking             rank what users choose above the rest (BPR), whatever the ratings are. Show how many
                                 test items are among a user's first 10 (HR@10), and at which ranks (NDCG@10), of all
                                 items that the user hasn't in training
      --train FILE               learn from these ratings
      --test FILE                test with these. Without it, a tenth of the ratings is kept for the test, or for
                                 ranking the latest one of each user

      --dimensions N             columns of the tables (\(defaults.dimensions))
      --epochs N                 passes over the ratings (30, ranking: 20)
      --batch-size N             users a step (32), or for ranking ratings a step (512)
      --learning-rate X          at first; it falls linearly to 0 (0.04, ranking: 0.01)
      --weight-decay X           of the factors (7, ranking: 0.5)
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result

      --quiet                    show results only
      --json                     end with one line of JSON: trainRatings, testRatings, rmse or hitRateAt10 and
                                 ndcgAt10, seconds …
      --help                     show this
    """
}
