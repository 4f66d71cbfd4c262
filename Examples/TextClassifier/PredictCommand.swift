import ExampleParts
import Foundation
import SliceGradFiles
import SliceGradText

/// Labels each line of a file or of standard input, as soon as it is there.
struct PredictCommand: Command {
  private var loadFile: String?
  private var textFile = FileLines.standardInput
  private var top = 1
  private var threshold = 0.0
  private var wantsHelp = false

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--load": loadFile = try reader.value("a file")
      case "--texts": textFile = try reader.value("a file")
      case "--top": top = try reader.number(in: 1...1_000_000)
      case "--threshold": threshold = try reader.number(in: 0...1)
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw UsageError(unknown: option, of: "predict")
      }
    }
  }

  func run() throws {
    if wantsHelp { return print(Self.help) }
    let classifier = try Classifier(contentsOf: loadFile.required("--load FILE", by: "predict"))
    try FileLines(path: textFile, contents: "texts").visit { line, number throws(DataError) in
      guard let text = String(utf8: line) else {
        throw DataError(
          at: TextLocation(path: textFile, line: number), found: "bytes that are not UTF-8", expected: "UTF-8 text")
      }
      let labels = classifier.mostProbable(top, of: [text])[0].filter { Double($0.probability) >= threshold }
      let fields = labels.map { "\($0.label)\t\(Double($0.probability).formatted(digits: 4))" }
      try printAtOnce(fields.joined(separator: "\t"))
    }
  }

  private static let help = """
    Labels texts with a saved classifier: for each line of input a line of output.

    usage: TextClassifier predict --load FILE [--texts FILE] [--top N] [--threshold P]

      --load FILE     the classifier, as training with --save wrote it
      --texts FILE    the texts, one a line, without labels (standard input)
      --top N         so many labels a text, the most probable first (1)
      --threshold P   only labels of this probability or more, 0...1 (0); a line may be empty then
      --help          show this

    A line of output holds labels and their probabilities: label TAB 0.9876 TAB label TAB 0.0120. It is there as soon as
    its line of input is. An empty line gets what is most probable of a text without words.

    example: zcat texts.gz | TextClassifier predict --load languages.safetensors --top 3 > labels.tsv
    """
}
