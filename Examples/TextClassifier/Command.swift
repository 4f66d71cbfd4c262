/// Something that the program can do with a saved classifier.
protocol Command {
  /// The options that it takes, besides `--help`.
  static var options: Set<String> { get }

  static var help: String { get }

  static func run(_ options: CommandOptions) throws
}
