import ExampleParts
import SliceGradText

/// What a command is asked for.
struct CommandOptions {
  private let command: String
  private var loadFile: String?
  private(set) var testFile: String?
  private(set) var textFile: String?
  private(set) var vectorFile: String?
  private(set) var reportFile: String?
  private(set) var words: [String] = []
  private(set) var top: Int?
  private(set) var threshold: Double?
  private(set) var saveFile: String?
  private(set) var trainFile: String?
  private(set) var bits: Int?
  private(set) var maxSize: ByteCount?
  private(set) var epochs: Int?
  private(set) var isQuiet = false
  private(set) var wantsLabels = false
  private(set) var wantsJSON = false
  private(set) var wantsHelp = false

  /// Throws `UsageError` for an option that the command doesn't take or that has no proper value.
  init(
    _ arguments: some Sequence<String>, of command: String, taking options: Set<String>, help: String
  ) throws(UsageError) {
    self.command = command
    let options = options.union(["--help", "-h"])
    var reader = ArgumentReader(arguments, help: "\(command) --help")
    while let option = try reader.nextOption() {
      guard options.contains(option) else { throw reader.unknownOption(in: help) }
      switch option {
      case "--load": loadFile = try reader.value("a file")
      case "--test": testFile = try reader.value("a file")
      case "--texts": textFile = try reader.value("a file")
      case "--vectors": vectorFile = try reader.value("a file")
      case "--report": reportFile = try reader.value("a file")
      case "--word": words.append(try reader.value("a word"))
      case "--top": top = try reader.number(in: 1...1_000_000)
      case "--threshold": threshold = try reader.number(in: 0...1)
      case "--save": saveFile = try reader.value("a file")
      case "--train": trainFile = try reader.value("a file")
      case "--bits": bits = try reader.bits()
      case "--max-size": maxSize = try reader.byteCount()
      case "--epochs": epochs = try reader.number(in: 0...1000)
      case "--quiet": isQuiet = try reader.flag()
      case "--by-label": wantsLabels = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      default: wantsHelp = try reader.flag()
      }
    }
    try checkDistinct(
      read: [("--load", loadFile), ("--test", testFile), ("--texts", textFile), ("--train", trainFile)],
      written: [("--save", saveFile), ("--vectors", vectorFile), ("--report", reportFile)])
  }

  /// The value of an option that the command can't do without. Throws `UsageError` if there is none, and says then if
  /// `--load` is missing too.
  func required(_ value: String?, _ option: String) throws(UsageError) -> String {
    guard let value else { throw UsageError("\(command) needs \(loadFile == nil ? "--load FILE and " : "")\(option)") }
    return value
  }

  /// The saved classifier that is asked for.
  func classifier() throws -> Classifier { try Classifier(contentsOf: loadedFile()) }

  /// The file with what was saved.
  func loadedFile() throws(UsageError) -> String {
    guard let loadFile else { throw UsageError("\(command) needs --load FILE") }
    return loadFile
  }

  /// What labels texts, whatever the file is that is asked for.
  func labeler() throws -> any TextLabeler {
    let file = try loadedFile()
    if let model = try FastTextModel.classifier(file) { return model }
    if let classifier = try MappedClassifier(contentsOf: file) { return classifier }
    return try classifier()
  }
}
