import ExampleParts
import SliceGradText

/// Labels each line of a file or of standard input, as soon as it is there.
struct PredictCommand: Command {
  static let options: Set = ["--load", "--texts", "--top", "--threshold"]

  static func run(_ options: CommandOptions) throws {
    let labeler = try options.labeler()
    let choice = labeler.choice(top: options.top, threshold: options.threshold)
    let file = options.textFile ?? FileLines.standardInput
    try TextLines(path: file, contents: "texts").visit { text, _ throws(DataError) in
      let fields = labeler.labels(of: [text], choice)[0].map {
        "\($0.label)\t\(Double($0.probability).formatted(digits: 4))"
      }
      try printAtOnce(fields.joined(separator: "\t"))
    }
  }

  static let help = """
    Labels texts with a saved classifier: for each line of input a line of output.

    usage: TextClassifier predict --load FILE [--texts FILE] [--top N] [--threshold P]

      --load FILE     the classifier, as training with --save wrote it, or fastText's .bin or .ftz
      --texts FILE    the texts, one a line, without labels (standard input)
      --top N         so many labels a text at most, the most probable first (1; of independent ones any number)
      --threshold P   only labels of this probability or more, 0...1 (0; of independent ones what did best on
                      the texts of --valid in training, else 0.5, or 0 with --top); a line may be empty then
      --help          show this

    A line of output holds labels and their probabilities: label TAB 0.9876 TAB label TAB 0.0120. It is there as soon as
    its line of input is. An empty line gets what is most probable of a text without words.
    Probabilities of fastText's models are fastText's, to which it adds 0.00001.
    Without --top and --threshold they give one label, as in fastText; with --threshold, those of one-vs-all and
    negative sampling give all that are so probable, as fasttext predict MODEL FILE -1 P does.

    example: zcat texts.gz | TextClassifier predict --load languages.safetensors --top 3 > labels.tsv
    """
}
