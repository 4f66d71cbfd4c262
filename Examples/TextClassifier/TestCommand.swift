import ExampleParts
import SliceGradFiles
import SliceGradText

/// Says how well a saved classifier does on labelled texts, for each label too.
struct TestCommand: Command {
  static let options: Set = ["--load", "--test", "--by-label", "--report", "--json"]

  static func run(_ options: CommandOptions) throws {
    let file = try options.required(options.testFile, "--test FILE")
    if let page = options.reportFile {
      guard page != file else {
        throw UsageError("--test and --report: found \(file.quoted) for both, expected two files")
      }
      try AtomicFile<DataError>.check(page)
    }
    let report = try Report.of(options.loadedFile(), testFile: file)
    report.printAccuracy()
    if options.wantsLabels { report.printLabels() }
    if options.wantsJSON { try report.printJSON([:]) }
    if let page = options.reportFile { try report.page(of: "test texts")?.write(to: page) }
  }

  static let help = """
    Tests a saved classifier on labelled texts.

    usage: TextClassifier test --load FILE --test FILE [--by-label] [--report FILE] [--json]

      --load FILE    the classifier, as training with --save wrote it, or fastText's .bin or .ftz
      --test FILE    the texts: label TAB text, or __label__x text as for fastText
      --by-label     also precision, recall and F1 of each label
      --report FILE  write a page with the confusion matrix, figures by label, the most confused pairs with texts,
                     and calibration. One HTML file, for any browser
      --json         end with one line of JSON
      --help         show this

    A text whose label training never showed counts as wrong.

    example: TextClassifier test --load languages.safetensors --test test.tsv --by-label
    """
}
