import ExampleParts
import SliceGrad

/// What the command line asks for.
struct Options {
  enum Rule: String, CaseIterable {
    case adagrad, adam
  }

  /// How TransE measures.
  enum TransEDistance: String, CaseIterable {
    case l1, l2

    var distance: Distance { self == .l1 ? .l1 : .l2 }
  }

  var trainFile: String?
  var validFile: String?
  var testFile: String?
  var questions: [String] = []
  var saveFile: String?

  var scoring = Scoring.complEx
  var dimensions = 100
  var distance = TransEDistance.l2
  var isReciprocal = true
  var initialSize = 0.01

  var negatives: Int?
  var nearby = 0
  var isWeighted = true
  var asksOnce = false
  var targetsAll = false
  var labelSmoothing = 0.0
  var n3: Double?
  var dropout = 0.0
  var epochs = 10
  var batchSize = 256
  var rule = Rule.adagrad
  var learningRate = 0.1
  var validationInterval = 1
  var seed: UInt64 = 1
  var shards: Int?
  var deadline: Int?

  var isQuiet = false
  var wantsJSON = false
  var wantsHelp = false
}

extension Options {
  /// The weight of the nuclear 3-norm: the one given, or the usual one of models that are products.
  var n3Weight: Double { n3 ?? (scoring.isProduct ? Self.usualN3 : 0) }

  private static let usualN3 = 0.05

  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--train": trainFile = try reader.value("a file")
      case "--valid": validFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--ask": questions.append(try reader.value("“head relation” or “? relation tail”"))
      case "--save": saveFile = try reader.value("a file")
      case "--model": scoring = try reader.choice()
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--distance": distance = try reader.choice()
      case "--no-reciprocal": isReciprocal = try !reader.flag()
      case "--initial-size": initialSize = try reader.positiveNumber()
      case "--negatives":
        let count: Int = try reader.number(in: 0...1_000_000)
        negatives = count > 0 ? count : nil
      case "--nearby": nearby = try reader.number(in: 0...1_000_000)
      case "--unweighted": isWeighted = try !reader.flag()
      case "--ask-once": asksOnce = try reader.flag()
      case "--all-tails": targetsAll = try reader.flag()
      case "--label-smoothing": labelSmoothing = try reader.number(in: 0...0.9)
      case "--n3": n3 = try reader.number(in: 0...1000.0)
      case "--dropout": dropout = try reader.number(in: 0...0.9)
      case "--epochs": epochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--rule": rule = try reader.choice()
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--validate-every": validationInterval = try reader.number(in: 1...100_000)
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--shards": shards = try reader.powerOfTwo()
      case "--deadline": deadline = try reader.number(in: 1...1_000_000)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if nearby > 0 && negatives == nil { throw UsageError("--nearby needs --negatives N") }
    try checkDistinct(
      read: [("--train", trainFile), ("--valid", validFile), ("--test", testFile)], written: [("--save", saveFile)])
    if trainFile == nil {
      if validFile != nil { throw UsageError("--valid needs --train FILE") }
      if testFile != nil { throw UsageError("--test needs --train FILE") }
    }
  }

  private static let defaults = Options()

  static let help = """
    Learns vectors of entities and relations from facts, and answers questions with them: TransE, DistMult, ComplEx and
    RotatE, with gradients of the rows that a batch needs.

    usage: KnowledgeGraph [--train FILE [--valid FILE] [--test FILE]] [--ask QUESTION]… [options]

    Without --train the facts are those that Foundation knows: regions and what they are part of, currencies,
    languages and their scripts, time zones. A FILE has one fact a line: head TAB relation TAB tail.

      --train FILE               learn from these facts
      --valid FILE               rank the answers of these from time to time, and take the best epoch's model
      --test FILE                rank the answers of these at the end
      --ask QUESTION             print the best answers: "Germany currency", or "? currency Euro"; repeatable
      --save FILE                write the vectors as safetensors, entities and relations as the facts first name them

      --model NAME               transe, distmult, complex or rotate (\(defaults.scoring.rawValue))
      --dimensions N             numbers of a vector, complex ones for complex and rotate (\(defaults.dimensions))
      --distance NAME            of transe: l1 or l2 (\(defaults.distance.rawValue))
      --no-reciprocal            score the heads of a fact as its tails, instead of learning inverse relations
      --initial-size X           the standard deviation of the first vectors (\(defaults.initialSize))

      --negatives N              compare the tails of a batch with N drawn entities; 0: with all (0)
      --nearby N                 with --negatives, compare each tail also with N entities of its own, to which random
                                 walks of two facts lead from its head (\(defaults.nearby))
      --unweighted               let a drawn entity stand for itself, not for its share of those that weren't drawn
      --ask-once                 learn each head and relation once an epoch, with one of its tails drawn, and not
                                 once for each of its facts
      --all-tails                learn all tails of a head and relation at once, with equal parts of the probability
      --label-smoothing X        share of the probability that all entities get, 0...0.9 (\(defaults.labelSmoothing))
      --n3 X                     weight of the nuclear 3-norm (\(usualN3) for complex and distmult, else 0)
      --dropout X                share of the numbers that a step leaves out, 0...0.9 (\(defaults.dropout))
      --epochs N                 passes over the training facts, in both directions (\(defaults.epochs))
      --batch-size N             questions a step (\(defaults.batchSize))
      --rule NAME                adagrad or adam, of the rows that have a gradient (\(defaults.rule.rawValue))
      --learning-rate X          at first; it falls linearly to 0 (\(defaults.learningRate))
      --validate-every N         epochs (\(defaults.validationInterval))
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result
    \(Ranks.help)
    Without --negatives, each of them fetches the vectors of all entities in each step.

    The rank of an answer is its place among all entities by their scores, without the others that are known to be
    right. Of entities with the same score half count as better. MRR is the mean of 1 / rank, hits@k the share of ranks
    up to k; both are over the tails and the heads of the facts.

      --quiet                    show results only
      --json                     end with one line of JSON: the figures for the test, validation, trainSeconds …
      --help                     show this
    """
}
