/// Says how well a saved classifier does on labelled texts, for each label too.
struct TestCommand: Command {
  static let options: Set = ["--load", "--test", "--by-label", "--json"]

  static func run(_ options: CommandOptions) throws {
    let file = try options.required(options.testFile, "--test FILE")
    let report = try Report(of: options.classifier(), testFile: file)
    report.printAccuracy()
    if options.wantsLabels { report.printLabels() }
    if options.wantsJSON { try report.printJSON([:]) }
  }

  static let help = """
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
