import ExampleParts
import SliceGradText

/// Says how well a saved classifier does on labelled texts, for each label too.
struct TestCommand: Command {
  private var loadFile: String?
  private var testFile: String?
  private var wantsLabels = false
  private var wantsJSON = false
  private var wantsHelp = false

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--load": loadFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--by-label": wantsLabels = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw UsageError(unknown: option, of: "test")
      }
    }
  }

  func run() throws {
    if wantsHelp { return print(Self.help) }
    let load = try loadFile.required("--load FILE", by: "test")
    let test = try testFile.required("--test FILE", by: "test")
    let classifier = try Classifier(contentsOf: load)
    let texts = TestTexts(
      try LabeledTextFile(test).examples(), features: classifier.features, labels: classifier.labels)
    let report = Report(of: classifier, test: texts)
    report.printAccuracy()
    if wantsLabels { report.printLabels() }
    if wantsJSON { try report.printJSON([:]) }
  }

  private static let help = """
    Tests a saved classifier on labelled texts.

    usage: TextClassifier test --load FILE --test FILE [--by-label] [--json]

      --load FILE   the classifier, as training with --save wrote it
      --test FILE   the texts: label TAB text, or __label__x text as for fastText
      --by-label    also precision, recall and F1 of each label
      --json        end with one line of JSON
      --help        show this

    A text whose label training never showed counts as wrong.

    example: TextClassifier test --load languages.safetensors --test test.tsv --by-label
    """
}
