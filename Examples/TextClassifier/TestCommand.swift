import ExampleParts
import SliceGradFiles
import SliceGradText

/// Says how well a saved classifier does on labelled texts, for each label too.
struct TestCommand: Command {
  static let options: Set = ["--load", "--test", "--top", "--threshold", "--by-label", "--report", "--json"]

  static func run(_ options: CommandOptions) throws {
    let file = try options.required(options.testFile, "--test FILE")
    if let page = options.reportFile { try AtomicFile<DataError>.check(page) }
    let report = try Report.of(options.loadedFile(), testFile: file, top: options.top, threshold: options.threshold)
    report.printScores()
    if options.wantsLabels { report.printLabels() }
    if options.wantsJSON { try report.printJSON([:]) }
    if let page = options.reportFile { try report.page(of: "test texts")?.write(to: page) }
  }

  static let help = """
    Tests a saved classifier on labelled texts.

    usage: TextClassifier test --load FILE --test FILE [--top K] [--threshold P] [--by-label] [--report FILE] [--json]

      --load FILE     the classifier, as training with --save wrote it, or fastText's .bin or .ftz
      --test FILE     the texts: label TAB text, or as for fastText __label__x text, with one label or several
      --top K         a text is given so many labels at most, the most probable ones (1; of independent ones any number)
      --threshold P   and only those of this probability or more, 0...1 (0; of independent ones what did best
                      on the texts of --valid in training, else 0.5, or 0 with --top)
      --by-label      also precision, recall and F1 of each label of the classifier
      --report FILE   write a page with the confusion matrix, figures by label, the most confused pairs with texts,
                      and calibration, of texts with one label each. One HTML file, for any browser
      --json          end with one line of JSON: testExamples, textsWithUnseenLabels (those with a label that training
                      never showed), testAccuracy, or instead testPrecision, testRecall, testMicroF1 and testMacroF1;
                      labels and tableRows of the classifier, or for fastText's labels and words
      --help          show this

    Of texts with one label each it shows the accuracy; a text whose label training never showed counts as wrong. With
    several labels, independent ones, --top or --threshold, it shows instead:
      precision   the share of the labels given that are right; with --top K precision@K, fastText's P@K
      recall      the share of the texts' labels that are given; fastText's R@K, which leaves labels out that training
                  never showed. Here they count as missed
      F1          2 · right / (given + there): micro, of all labels together; macro, the mean over the labels that
                  a text has or is given

    example: TextClassifier test --load languages.safetensors --test test.tsv --by-label
    """
}
