// Learns to label texts: an embedding bag of words and n-grams, a dense layer, and gradients of a few rows a step.
//
//     swift run -c release TextClassifier                        # 40 languages, from names that Foundation has
//     swift run -c release TextClassifier --train FILE --save M  # your own texts; --help lists the options
//     swift run -c release TextClassifier predict --load M       # a line of labels for each line that is typed

import ExampleParts
import SliceGradFiles

@main
struct TextClassifier {
  static func main() {
    do {
      try command(of: CommandLine.arguments.dropFirst()).run()
    } catch {
      exit("TextClassifier", saying: error)
    }
  }

  /// What the first word of the command line names, with the rest as its options; without a name it trains.
  private static func command(of arguments: ArraySlice<String>) throws(UsageError) -> any Command {
    guard let name = arguments.first, !name.hasPrefix("-") else { return try TrainCommand(arguments) }
    let arguments = arguments.dropFirst()
    switch name {
    case "train": return try TrainCommand(arguments)
    case "test": return try TestCommand(arguments)
    case "predict": return try PredictCommand(arguments)
    case "neighbors": return try NeighborsCommand(arguments)
    case "export": return try ExportCommand(arguments)
    default:
      throw UsageError(
        "unknown command \(name.quoted), expected train, test, predict, neighbors or export; --help says more")
    }
  }
}
