import ExampleParts
import SliceGrad
import SliceGradFiles
import SliceGradText

/// Writes the word vectors of a saved classifier to a file that other programs read.
struct ExportCommand: Command {
  private var loadFile: String?
  private var vectorFile: String?
  private var wantsHelp = false

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--load": loadFile = try reader.value("a file")
      case "--vectors": vectorFile = try reader.value("a file")
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw UsageError(unknown: option, of: "export")
      }
    }
  }

  func run() throws {
    if wantsHelp { return print(Self.help) }
    let load = try loadFile.required("--load FILE", by: "export")
    let file = try vectorFile.required("--vectors FILE", by: "export")
    try AtomicFile<DataError>.check(file)
    let classifier = try Classifier(contentsOf: load)
    try WordVectorFile(file).write(EmbeddingTable(classifier.wordVectors), for: classifier.features.vocabulary)
  }

  private static let help = """
    Writes the vectors of a saved classifier's words in the text format of word2vec and fastText.

    usage: TextClassifier export --load FILE --vectors FILE

      --load FILE      the classifier, as training with --save wrote it
      --vectors FILE   where the vectors go; a word's is the mean of its own and those of its n-grams
      --help           show this

    example: TextClassifier export --load languages.safetensors --vectors languages.vec
    """
}
