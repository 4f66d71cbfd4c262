import ExampleParts
import SliceGradFiles

/// Shows which words mean nearly the same to a saved classifier.
struct NeighborsCommand: Command {
  private var loadFile: String?
  private var words: [String] = []
  private var top = 10
  private var wantsHelp = false

  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--load": loadFile = try reader.value("a file")
      case "--word": words.append(try reader.value("a word"))
      case "--top": top = try reader.number(in: 1...1_000_000)
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw UsageError(unknown: option, of: "neighbors")
      }
    }
  }

  func run() throws {
    if wantsHelp { return print(Self.help) }
    let load = try loadFile.required("--load FILE", by: "neighbors")
    _ = try words.first.required("--word WORD", by: "neighbors")
    let space = try Classifier(contentsOf: load).wordSpace
    for word in words {
      guard let neighbors = space.neighbors(of: word, count: top) else {
        throw UsageError("--word \(word.quoted): nothing is known of it")
      }
      print(
        "\(word): "
          + neighbors.map { "\($0.word) \(Double($0.similarity).formatted(digits: 3))" }.joined(separator: ", "))
    }
  }

  private static let help = """
    Shows the words whose vectors point the same way as that of a word, with the cosines of their angles.

    usage: TextClassifier neighbors --load FILE --word WORD… [--top N]

      --load FILE   the classifier, as training with --save wrote it
      --word WORD   a word, known or made of known n-grams; repeatable
      --top N       so many neighbours (10)
      --help        show this

    example: TextClassifier neighbors --load languages.safetensors --word river --top 5
    """
}
