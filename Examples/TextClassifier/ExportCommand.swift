import SliceGrad
import SliceGradFiles
import SliceGradText

/// Writes the word vectors of a saved classifier to a file that other programs read.
struct ExportCommand: Command {
  static let options: Set = ["--load", "--vectors"]

  static func run(_ options: CommandOptions) throws {
    let file = try options.required(options.vectorFile, "--vectors FILE")
    try AtomicFile<DataError>.check(file)
    if let (vocabulary, table) = try options.fastTextModel()?.wordVectors() {
      return try WordVectorFile(file).write(table, for: vocabulary)
    }
    let classifier = try options.classifier()
    try WordVectorFile(file).write(EmbeddingTable(classifier.wordVectors), for: classifier.features.vocabulary)
  }

  static let help = """
    Writes the vectors of a saved classifier's words in the text format of word2vec and fastText.

    usage: TextClassifier export --load FILE --vectors FILE

      --load FILE      the classifier, as training with --save wrote it, or fastText's .bin or .ftz
      --vectors FILE   where the vectors go; a word's is the mean of its own and those of its n-grams
      --help           show this

    example: TextClassifier export --load languages.safetensors --vectors languages.vec
    """
}
