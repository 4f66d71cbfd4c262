// Times the steps of a text classifier in one process, or in several that share its table.
//
//     swift run -c release RankSteps --shards 8 --alone               # one process, a step in 8 parts
//     swift run -c release RankSteps --shards 8                       # the same, with rows that could be shared
//     mpirun -np 2 .build/release/RankSteps                           # the same step of two processes
//     python3 Examples/Measurements/RankSteps/peers/compare.py         # all of them, side by side with PyTorch's
//
// One takes a second or two, and prints a line of JSON: {"bytes":0,"microseconds":4963.1,"rowNumbers":0}. The article
// What ranks cost of SliceGradMPI shows what was measured.

import ExampleParts
import MeasurementParts
import SliceGrad
import SliceGradMPI
import SliceGradText

@main struct RankSteps {
  static func main() {
    do {
      let options = try Options(parsing: CommandLine.arguments.dropFirst())
      if options.wantsHelp { return print(Options.help) }
      Ranks.run("RankSteps") { world in
        guard !options.isAlone || options.shards != nil else { throw UsageError("--alone goes with --shards") }
        guard !options.isAlone || world.count == 1 else {
          throw UsageError("--alone takes one process, but there are \(world.count)")
        }
        let ranks = Ranks(world, shards: options.isAlone ? nil : options.shards)
        let figures = try options.figuresOfStep(on: ranks, world)
        if ranks.isFirst { try printJSONLine(figures) }
      }
    } catch { exit("RankSteps", saying: error) }
  }
}

/// What the command line asks for.
private struct Options {
  var texts = 512
  var shards: Int?
  var isAlone = false
  var steps = 200
  var wantsHelp = false

  init(parsing arguments: some Sequence<String>) throws(UsageError) {
    var reader = ArgumentReader(arguments)
    while let option = try reader.nextOption() {
      switch option {
      case "--texts": texts = try reader.number(in: 1...1_000_000)
      case "--shards": shards = try reader.powerOfTwo()
      case "--alone": isAlone = try reader.flag()
      case "--steps": steps = try reader.number(in: 1...1_000_000)
      case "--help", "-h": wantsHelp = try reader.flag()
      default: throw reader.unknownOption(in: Self.help)
      }
    }
  }

  static let help = """
    Times the steps of a classifier: bags of 130 of 500,000 rows of 64 numbers, in which a row that comes again has a
    count; 114 classes; the rules of TextClassifier.

    usage: [mpirun -np N] RankSteps [options]

      --texts N      texts a step, of all processes together (512)
      --shards N     parts of a step, a power of 2 (one process: none; several: 8)
      --alone        with --shards: the parts of a program that needs no ranks, with all rows in one table
      --steps N      how many steps to time, after 16 that are not (200)
      --help         show this

    Prints one line of JSON with the microseconds of a step, with the bytes that the first process sends in one, and
    with how many row numbers are among them.
    """
}

extension Options {
  private static let rows = 500_000, columns = 64, classes = 114, length = 130

  /// Eight batches, which steps take in turn.
  private var batches: [TextBatch] {
    let length = Self.length
    let rows = Distribution.logUniform.rowNumbers(8 * texts * length, tableRows: Self.rows)
    return (0..<8).map { batch in
      let numbers = batch * texts..<(batch + 1) * texts
      return TextBatch(
        texts: RaggedIndices(numbers.map { Array(rows[$0 * length..<($0 + 1) * length]) }).counted,
        labels: numbers.map { Int32($0 % Self.classes) })
    }
  }

  /// What a step takes of this process: microseconds, and bytes and row numbers that it sends.
  func figuresOfStep(on ranks: Ranks, _ world: Communicator) throws -> [String: Double] {
    let batches = batches
    var generator = RandomGenerator(seed: 1)
    var model = try ranks.sharingRows(
      of: TextModel(features: Self.rows, dimensions: Self.columns, classes: Self.classes, using: &generator))
    var optimizer = ModelOptimizer(
      for: model, dense: Adam(learningRate: 0.01), sparse: TextModel.tableRule(learningRate: 0.02))

    func makeSteps(_ count: Int) throws {
      for step in 0..<count {
        let batch = batches[step % batches.count]
        let gradients = try gradients(of: batch, at: model, on: ranks)
        optimizer.update(&model, with: gradients)
      }
    }

    try makeSteps(16)
    let bytesBefore = world.sentByteCount
    let duration = try ContinuousClock().measure { try makeSteps(steps) }
    let rowNumbers = batches.map { sentRowNumbers(of: $0, shards: ranks.shards, world) }
    return [
      "microseconds": duration / .microseconds(1) / Double(steps),
      "bytes": Double(world.sentByteCount - bytesBefore) / Double(steps),
      "rowNumbers": Double((0..<steps).reduce(0) { $0 + rowNumbers[$1 % rowNumbers.count] }) / Double(steps),
    ]
  }

  /// How many row numbers this process sends: those in its texts' bags whose rows other ranks have.
  private func sentRowNumbers(of batch: TextBatch, shards: Int?, _ world: Communicator) -> Int {
    guard let shards else { return 0 }
    let own = world.parts(of: shards)  // of the batch, and likewise the classes of rows
    return batch.shards(shards).parts[own].reduce(0) { $0 + $1.texts.values.count { !own.contains(Int($0) % shards) } }
  }

  private func gradients(of batch: TextBatch, at model: TextModel, on ranks: Ranks) throws -> Gradients<TextModel> {
    let loss: @Sendable (TextModel, TextBatch) -> Variable<Float> = { softmaxCrossEntropy($0($1.texts), $1.labels) }
    if isAlone, let shards { return valueWithGradients(at: model, shards: batch.shards(shards), loss).gradients }
    return try ranks.valueWithGradients(
      at: model, examples: batch.count, part: batch.part, lookups: [.bags(\.embedding.weight, \.texts)], loss
    ).gradients
  }
}
