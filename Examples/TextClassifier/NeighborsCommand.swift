import ExampleParts
import SliceGradFiles

/// Shows which words mean nearly the same to a saved classifier.
struct NeighborsCommand: Command {
  static let options: Set = ["--load", "--word", "--top"]

  static func run(_ options: CommandOptions) throws {
    _ = try options.required(options.words.first, "--word WORD")
    let space = try options.fastTextModel()?.wordSpace() ?? options.classifier().wordSpace
    for word in options.words {
      guard let neighbors = try space.neighbors(of: word, count: options.top ?? 10) else {
        throw UsageError("--word \(word.quoted): nothing is known of it")
      }
      if space.row(of: word) == nil {
        Progress(isQuiet: false).line(
          "\(word.quoted) is no word that training kept: its vector is made of n-grams alone")
      }
      let list = neighbors.map { "\($0.word) \(Double($0.similarity).formatted(digits: 3))" }
      print("\(word): " + list.joined(separator: ", "))
    }
  }

  static let help = """
    Shows the words whose vectors point the same way as that of a word, with the cosines of their angles.

    usage: TextClassifier neighbors --load FILE --word WORD… [--top N]

      --load FILE   the classifier, as training with --save wrote it, or fastText's .bin or .ftz
      --word WORD   a word, known or made of known n-grams; repeatable
      --top N       so many neighbours (10)
      --help        show this

    example: TextClassifier neighbors --load languages.safetensors --word river --top 5
    """
}
