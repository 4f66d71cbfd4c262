import ExampleParts

/// What the command line asks for.
struct Options {
  private(set) var casePrefix = ""
  /// nil: as the environment says.
  private(set) var threads: Int?
  private(set) var makesFirstStep = false
  private(set) var includesLarge = false
  private(set) var wantsJSON = false
  private(set) var wantsHelp = false

  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--case": casePrefix = try reader.value("the beginning of a case's name")
      case "--threads": threads = try reader.number(in: 1...256)
      case "--first-step": makesFirstStep = try reader.flag()
      case "--large": includesLarge = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
  }

  static let help = """
    Times SliceGrad. Each case first checks its result against a plain loop in Double.

    usage: Benchmark [options]

      --case PREFIX    only the cases whose names begin so
      --large          also the case “scaling”: a table of 10,000,000 rows, which takes 3 GB
      --threads N      the number of threads (SLICEGRAD_THREADS, or the processors that there are)
      --first-step     make one step of mlpStep and end: for timing how long that takes from the start of the process
      --json           one line of JSON a case, with the keys of the programs in peers/
      --help           show this

    cases: \(Case.names.joined(separator: ", "))

    A time is that of one step, in microseconds: the median, and the fastest, of 7 blocks of about 0.15 s each.
    The peak is that of the process so far; for the peak of one case, run it alone. The state is what an optimizer keeps
    besides the parameters, such as moments. Allocations are the blocks of memory that a step asks the system for.
    """
}
