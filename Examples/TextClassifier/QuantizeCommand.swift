import ExampleParts
import Foundation
import SliceGradFiles
import SliceGradText
import SliceGradTraining

/// Writes a saved classifier in a small file: a few bits a weight, and only the rows that count.
struct QuantizeCommand: Command {
  static let options: Set = [
    "--load", "--save", "--bits", "--max-size", "--train", "--texts", "--epochs", "--test", "--quiet",
  ]

  static func run(_ options: CommandOptions) throws {
    let file = try options.required(options.saveFile, "--save FILE")
    if options.trainFile != nil && options.textFile != nil {
      throw UsageError("take one of --train and --texts: only the rows that its texts use are kept")
    }
    if options.epochs != nil && options.trainFile == nil { throw UsageError("--epochs needs --train FILE") }
    try SafetensorsWriter.check(URL(filePath: file))
    let progress = Progress(isQuiet: options.isQuiet)
    let classifier = try classifier(options.loadedFile())
    let quantization = try quantization(options)
    let training = try options.trainFile.map { path throws(DataError) in try LabeledTextFile(path).examples() }
    let test = try options.testFile.map { path throws(DataError) in try LabeledTextFile(path).examples() }
    _ = try quantization.save(
      classifier, to: file, texts: options.textFile.map(texts), training: training, test: test.map { ("test", $0) },
      progress)
  }

  /// The classifier in a file, which can't be fastText's.
  private static func classifier(_ file: String) throws -> Classifier {
    guard !FastTextModel.recognizes(file) else {
      throw DataError(
        at: TextLocation(path: file), found: "a model of fastText's",
        expected: "a classifier that --save wrote; fastText's own quantize makes its models small")
    }
    return try Classifier(contentsOf: file)
  }

  /// How the classifier is made small. Throws `UsageError` if a weight would have more bits than it has in its file.
  private static func quantization(_ options: CommandOptions) throws -> Quantization {
    let most = try ClassifierFile(SafetensorsFile(path: options.loadedFile()), checks: false).reading.bits ?? 8
    let bits = options.bits ?? most
    guard bits <= most else {
      throw UsageError("--bits: found “\(bits)”, expected \(most) at most, as the weights in the file of --load have")
    }
    var quantization = Quantization(bits: bits, maxSize: options.maxSize)
    if let epochs = options.epochs { quantization.epochs = epochs }
    return quantization
  }

  /// The lines of a file.
  private static func texts(_ path: String) throws(DataError) -> [String] {
    var texts: [String] = []
    try TextLines(path: path, contents: "texts").visit { text, _ in texts.append(text) }
    return texts
  }

  static let help = """
    Writes a saved classifier in a smaller file, which test, predict and the other commands read as well.

    usage: TextClassifier quantize --load FILE --save FILE [--bits 8|4] [--max-size SIZE] [--train FILE | --texts FILE]
           [options]

      --load FILE       the classifier, as training with --save wrote it
      --save FILE       where the small one goes
      --bits N          the bits of a weight of the table, 8 or 4 (8, but 4 if the classifier has 4)
      --max-size SIZE   take rows away, those first that count least, until the file has at most so many bytes:
                        1000000, 900KB, 1MiB
      --train FILE      the texts that it was trained on, or others with labels that it knows. Rows that no text has are
                        taken away, rare ones go first, and those that --max-size leaves are trained on these texts
                        and on what the large classifier finds in them
      --epochs N        so many times over, 0...1000 (4), without the weights that labels or texts had in training
      --texts FILE      texts without labels, one a line: rows are taken away as with --train, and nothing is trained
      --test FILE       print the accuracy on these texts, or the micro F1 of independent labels, and how much of it is
                        lost
      --quiet           show results only
      --help            show this

    A feature without a row doesn't count: the vector of a text is the mean of the others.

    example: TextClassifier quantize --load languages.safetensors --save small.safetensors --bits 4 --max-size 1MiB
             --train train.tsv --test test.tsv
    """
}
