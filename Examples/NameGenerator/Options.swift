import ExampleParts
import Foundation

/// What the command line asks for.
struct Options {
  var trainFile: String?
  var language = "en"

  var model = CharacterModel.Kind.gru
  var dimensions = 32
  var hidden = 160
  var layers = 1
  var heads = 4
  var context = 6

  var givenEpochs: Int?
  var batchSize = 64
  var dropout = 0.1
  var learningRate = 0.005
  var temperature = 1.0
  var topK: Int?
  var count = 20
  var seed: UInt64 = 1

  var isQuiet = false
  var wantsJSON = false
  var wantsHelp = false
}

extension Options {
  /// Those asked for, or as many as do well: there are few regions.
  var epochs: Int { givenEpochs ?? (trainFile == nil ? Self.epochsOfRegions : Self.epochsOfFiles) }

  private static let (epochsOfRegions, epochsOfFiles) = (60, 12)

  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--train": trainFile = try reader.value("a file")
      case "--language": language = try reader.value("a language code such as fr")
      case "--model": model = try reader.choice()
      case "--dimensions": dimensions = try reader.number(in: 1...10_000)
      case "--hidden": hidden = try reader.number(in: 1...10_000)
      case "--layers": layers = try reader.number(in: 1...20)
      case "--heads": heads = try reader.number(in: 1...64)
      case "--context": context = try reader.number(in: 1...100)
      case "--epochs": givenEpochs = try reader.number(in: 1...100_000)
      case "--batch-size": batchSize = try reader.number(in: 1...1_000_000)
      case "--dropout": dropout = try reader.number(in: 0...0.9)
      case "--learning-rate": learningRate = try reader.positiveNumber()
      case "--temperature": temperature = try reader.number(in: 0.01...100)
      case "--top-k": topK = try reader.number(in: 1...1_000_000)
      case "--count": count = try reader.number(in: 0...100_000)
      case "--seed": seed = try reader.number(in: 0...UInt64.max)
      case "--quiet": isQuiet = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if model == .attention && dimensions % heads != 0 {
      throw UsageError("--dimensions \(dimensions) can't be cut into --heads \(heads) of one size")
    }
  }

  private static let defaults = Options()

  static let help = """
    Learns from names which character follows which, and invents new names.

    usage: NameGenerator [--train FILE | --language CODE] [options]

    Without --train the names are those of the world's regions in a language, as Foundation knows them.
    A FILE has one name a line. A tenth of the names is for validation and a tenth held out.

      --train FILE               learn from these names
      --language CODE            of Foundation's names: de, fr, ja … (\(defaults.language))

      --model NAME               bigram, mlp, gru or attention (\(defaults.model.rawValue))
      --dimensions N             numbers of a character's vector (\(defaults.dimensions))
      --hidden N                 hidden units of mlp, gru and of attention's network (\(defaults.hidden))
      --layers N                 of gru and attention (\(defaults.layers))
      --heads N                  of attention (\(defaults.heads))
      --context N                characters that mlp looks back (\(defaults.context))

      --epochs N                 passes over the names (\(epochsOfFiles); regions: \(epochsOfRegions))
      --batch-size N             names a step (\(defaults.batchSize))
      --dropout X                of what the next character follows from, 0...0.9 (\(defaults.dropout))
      --learning-rate X          at first; it falls linearly to 0 (\(defaults.learningRate))

      --count N                  names to invent (\(defaults.count))
      --temperature X            below 1: more of the probable characters (\(defaults.temperature))
      --top-k N                  draw only among the N most probable characters
      --seed N                   of the random numbers (\(defaults.seed)); the same seed gives the same result

    The loss is in nats a character, the end of a name included.

      --quiet                    show results only
      --json                     end with one line of JSON: testLoss, validLoss, trainSeconds …
      --help                     show this
    """
}
