import ExampleParts
import MeasurementParts

/// What the command line asks for.
struct Options {
  private(set) var rows = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
  /// nil: planted factors.
  private(set) var ratingsPath: String?
  private(set) var chartPath = "SparseVersusDense.svg"
  /// The bytes that may be taken; nil: as many as are available, but for a quarter.
  private(set) var memoryLimit: Int?
  /// nil: as the environment says.
  private(set) var threads: Int?
  private(set) var isQuick = false
  private(set) var wantsJSON = false
  private(set) var wantsHelp = false
}

extension Options {
  /// Throws `UsageError` for an option that is unknown or has no proper value.
  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var (reader, givenRows) = (ArgumentReader(arguments), [Int]?.none)
    while let option = try reader.nextOption() {
      switch option {
      case "--rows": givenRows = try reader.numbers(in: 1_000...Int(Int32.max))
      case "--ratings": ratingsPath = try reader.value("a file")
      case "--svg": chartPath = try reader.value("a file")
      case "--memory": memoryLimit = Int(1e9 * min(try reader.positiveNumber(), 1e9))
      case "--threads": threads = try reader.number(in: 1...256)
      case "--quick": isQuick = try reader.flag()
      case "--json": wantsJSON = try reader.flag()
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
    if isQuick { rows = [1_000, 10_000] }
    if let givenRows { rows = Set(givenRows).sorted() }
  }

  /// The bytes that a measurement may take now.
  var memoryBudget: Int { memoryLimit ?? Machine.availableByteCount / 4 * 3 }

  private static let defaults = Options()

  static let help = """
    Compares Adam on a whole table (“densified”), SparseAdam and other rules for tables: time a step, the memory that they
    keep, what they learn of names and as recommenders, and from which share of touched rows dense Adam is the faster one.

    usage: SparseVersusDense [options]

      --rows N,N     rows of the tables, 1000 or more (\(defaults.rows.map(String.init).joined(separator: ",")))
      --ratings FILE what recommenders learn from, user TAB item TAB rating TAB time (ratings of planted factors)
      --svg FILE     where the chart is written (\(defaults.chartPath))
      --memory GB    what may be taken; cases that need more are left out (three quarters of what is available)
      --threads N    the number of threads, 1...256 (SLICEGRAD_THREADS, or the processors that there are)
      --quick        small tables and few steps, to see that everything works: its figures mean little
      --json         one line of JSON a figure, and nothing else, on standard output
      --help         show this

    The whole takes three to four minutes and 10 GB; with less, what doesn't fit is left out, and said.
    """
}
