// 2. Learns to label texts: an embedding bag of words and n-grams, a dense layer, and gradients of a few rows a step.
//
//     swift run -c release TextClassifier                        # 40 languages, from names that Foundation has
//     swift run -c release TextClassifier --train FILE --save M  # your own texts; --help lists the options
//     swift run -c release TextClassifier predict --load M       # a line of labels for each line that is typed
//
// The first of them takes about 2 s. It prints each epoch's loss, the accuracy, and a dozen names with their labels:
//
//     test accuracy 0.9205: 2906 of 3157 test texts
//       Tiếng Asu                                   Vietnamese, 100.0 %
//       čuvaščina                                   Slovenian, 100.0 %

import ExampleParts
import SliceGradFiles

@main
struct TextClassifier {
  static func main() {
    runProgram("TextClassifier") {
      try run(CommandLine.arguments.dropFirst())
    }
  }

  private static var commands: [String: any Command.Type] {
    [
      "test": TestCommand.self, "predict": PredictCommand.self, "neighbors": NeighborsCommand.self,
      "export": ExportCommand.self, "quantize": QuantizeCommand.self,
    ]
  }

  /// What fastText calls the commands.
  private static let namesOfFastText = [
    "supervised": "train", "test-label": "test --by-label", "predict-prob": "predict", "nn": "neighbors",
    "print-word-vectors": "export", "skipgram": "the program WordVectors", "cbow": "the program WordVectors",
  ]

  /// Does what the first word of the command line names, with the rest as its options; without a name it trains.
  private static func run(_ arguments: ArraySlice<String>) throws {
    guard let name = arguments.first, !name.hasPrefix("-") else { return try train(arguments) }
    let arguments = arguments.dropFirst()
    if name == "train" { return try train(arguments) }
    guard let command = commands[name] else {
      let here = namesOfFastText[name].map { "fastText's \(name) is \($0) here; " } ?? ""
      throw UsageError(
        "unknown command \(name.quoted), expected train, test, predict, neighbors, export or quantize; "
          + "\(here)--help says more")
    }
    let options = try CommandOptions(arguments, of: name, taking: command.options, help: command.help)
    if options.wantsHelp { return print(command.help) }
    try Ranks.requireOne(for: name)
    try command.run(options)
  }

  private static func train(_ arguments: ArraySlice<String>) throws {
    try TrainCommand.run(arguments)
  }
}
