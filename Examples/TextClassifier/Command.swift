import ExampleParts

/// One of the things that the program can do.
protocol Command {
  /// Takes its options. Throws `UsageError` for one that is unknown or has no proper value.
  init(_ arguments: some Sequence<String>) throws(UsageError)

  func run() throws
}
