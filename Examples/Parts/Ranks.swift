package import Foundation
package import SliceGrad
package import SliceGradMPI
package import SliceGradTraining

/// What the processes of a program do together. It is one process if the program is started alone, and there are N
/// under `mpirun -np N`: these share the parts of each step and the rows of the tables.
package struct Ranks {
  private let world: Communicator
  /// In how many parts steps are; nil for one process that has whole batches and tables.
  package let shards: Int?

  /// - Parameters:
  ///   - shards: the option `--shards`.
  ///   - deadline: the option `--deadline`, in seconds; nil leaves that of the communicator.
  package init(_ world: Communicator, shards: Int?, deadline: Int? = nil) {
    self.world = world
    if let deadline { world.deadline = .seconds(deadline) }
    self.shards = shards ?? (world.count > 1 ? 8 : nil)
  }

  /// The lines of `--help`.
  package static let help = """
      --shards N                 compute each step in N parts, a power of 2, and add them up in pairs (alone: the step
                                 at once; several processes: 8)
      --deadline SECONDS         how long processes wait for one that doesn't come, or that still works alone, before
                                 all end (600)

    Under mpirun -np P, P processes share the parts of each step, and each has the rows of the tables that are its own.
    They find the same numbers to the bit as one process with the same --shards; --shards has to be P or more for all to
    have work. The first process prints and writes files. All read the same files.
    """

  /// Whether this process is the one that prints and writes files.
  package var isFirst: Bool { world.rank == 0 }

  /// Whether the rows of tables are shared, so that a step announces which it needs.
  package var sharesRows: Bool { shards != nil }

  /// A table of numbers distributed uniformly in a range. If rows are shared, this process makes its own alone.
  package func table(
    rows: Int, columns: Int, uniformIn range: Range<Float>, using generator: inout RandomGenerator
  ) -> EmbeddingTable<Float> {
    guard let shards else { return EmbeddingTable(Tensor(uniform: [rows, columns], in: range, using: &generator)) }
    return world.embeddingTable(rows: rows, columns: columns, in: shards, uniformIn: range, using: &generator)
  }

  /// The same with numbers distributed normally around 0.
  package func table(
    rows: Int, columns: Int, standardDeviation: Float, using generator: inout RandomGenerator
  ) -> EmbeddingTable<Float> {
    guard let shards else {
      return EmbeddingTable(Tensor(normal: [rows, columns], standardDeviation: standardDeviation, using: &generator))
    }
    return world.embeddingTable(
      rows: rows, columns: columns, in: shards, standardDeviation: standardDeviation, using: &generator)
  }

  /// The same with zeros.
  package func table(rows: Int, columns: Int) -> EmbeddingTable<Float> {
    guard let shards else { return EmbeddingTable(Tensor(zeros: [rows, columns])) }
    return world.embeddingTable(rows: rows, columns: columns, in: shards)
  }

  /// A model of which this process has its own rows, if they are shared.
  package func sharingRows<Model: Module>(of model: Model) throws(CommunicatorError) -> Model {
    guard let shards else { return model }
    return try world.sharingRows(of: model, in: shards)
  }

  /// The model with whole tables on the first process; nil on others. All call it. Where it can be done without, this
  /// process needs no more memory than the others.
  package func whole<Model: Module>(_ model: Model) throws(CommunicatorError) -> Model?
  where Model.Scalar: MessageElement { try world.gathered(model) }

  /// The loss of a batch and its gradients, at once or in parts.
  ///
  /// - Parameters:
  ///   - count: the number of the batch's examples.
  ///   - part: some examples of the batch, or all.
  ///   - lookups: all look-ups of a part in tables.
  ///   - loss: the mean loss over the examples of a part.
  package func valueWithGradients<Model: Module, Part>(
    at model: Model, examples count: Int, part: (Range<Int>) -> Part, lookups: [TableLookup<Model, Part>],
    on tape: Tape<Model.Scalar> = Tape(),
    _ loss: @Sendable (_ model: Model, _ part: Part) throws -> Variable<Model.Scalar>
  ) throws -> (value: Model.Scalar, gradients: Gradients<Model>) where Model.Scalar: MessageElement {
    guard let shards else {
      let all = part(0..<count)
      return try SliceGrad.valueWithGradients(at: model, on: tape) { try loss($0, all) }
    }
    return try world.valueWithGradients(
      at: model, shards: Shards(shards, of: count, part), lookups: lookups, on: tape, loss)
  }
}

extension Ranks {
  /// The rows `[n, …]` that a closure computes from the parts of n examples, on all ranks; without parts, from all at
  /// once.
  package func rows<Model: Module, Part>(
    at model: Model, examples count: Int, part: (Range<Int>) -> Part, lookups: [TableLookup<Model, Part>],
    _ body: (_ model: Model, _ part: Part) throws -> Tensor<Model.Scalar>
  ) throws -> Tensor<Model.Scalar> where Model.Scalar: MessageElement {
    guard let shards else { return try body(model, part(0..<count)) }
    return try world.rows(at: model, shards: Shards(shards, of: count, part), lookups: lookups, body)
  }

  /// Throws unless all numbers of the model are finite, and those that all ranks have are the same.
  package func check<Model: Module>(_ model: Model) throws {
    guard shards != nil else { return try TrainingError.check(model) }
    let isFinite = try world.allGather([model.firstNonFinite == nil ? 1 : 0 as UInt8]).joined()
    if isFinite.contains(0) { throw TrainingError("the model of a rank holds numbers that are not finite") }
    try world.agree(onParametersOf: model)
  }

  /// Throws unless all processes have the same setting.
  package func agree(on name: String, _ value: @autoclosure () -> String) throws(CommunicatorError) {
    if world.count > 1 { try world.agree(on: [(name, value())]) }
  }

  /// Whether all ranks are to save the training after a step, since it is time on rank 0 or one was interrupted. They
  /// ask one another every 16 steps only.
  package func agree(
    isTime: Bool, isInterrupted: Bool, afterStep step: Int
  ) throws -> (isTime: Bool, isInterrupted: Bool) {
    guard shards != nil else { return (isTime, isInterrupted) }
    guard step.isMultiple(of: 16) else { return (false, false) }
    let all = try world.allGather([isTime ? 1 : 0, isInterrupted ? 1 : 0] as [UInt8])
    return (all[0][0] == 1, all.contains { $0[1] == 1 })
  }

  /// Whether the first process has a file.
  package func haveFile(_ path: String) throws -> Bool {
    try world.allGather([FileManager.default.fileExists(atPath: path) ? 1 : 0 as UInt8])[0][0] == 1
  }

  /// Which of so many things that lie in a row this process does or keeps, if each has as many, or one more or less.
  package func share(of count: Int) -> Range<Int> {
    count * world.rank / world.count..<count * (world.rank + 1) / world.count
  }

  /// Numbers of each process, on all of them.
  package func all<Number: MessageElement>(_ own: [Number]) throws -> [[Number]] { try world.allGather(own) }

  /// Writes a model to a file, as `Module.save` does for whole tables.
  package func save<Model: Module>(_ model: Model, to url: URL) throws where Model.Scalar: MessageElement {
    try world.save(model, to: url)
  }

  /// Writes a file to which each process adds the same tensors, but its own rows of those that they share.
  package func write(_ writer: SafetensorsWriter, to url: URL) throws { try world.write(writer, to: url) }

  package func save<Model: Module>(_ state: TrainingState<Model>, to url: URL) throws
  where Model.Scalar: MessageElement {
    if shards == nil { try state.save(to: url) } else { try world.save(state, to: url) }
  }

  package func load<Model: Module>(_ state: inout TrainingState<Model>, from url: URL) throws
  where Model.Scalar: MessageElement {
    if shards == nil { try state.load(from: url) } else { try world.load(&state, from: url) }
  }
}

extension Ranks {
  /// Runs a program in all of its processes, and ends it with one line if it fails.
  package static func run(_ program: String, _ body: (Communicator) throws -> Void) {
    runProgram(program) { try run(body) }
  }

  /// Throws if a launcher has started several processes, which would all do the same.
  package static func requireOne(for what: String) throws {
    guard Communicator.launchedCount > 1 else { return }
    try run { throw UsageError("\(what) takes one process, but there are \($0.count)") }
  }

  /// Does something in all processes. If one fails, it says so in one line and ends all; one process throws instead.
  /// They have to have the same options.
  package static func run(_ body: (Communicator) throws -> Void) throws {
    try Communicator.world().run { world in
      try world.agree(on: [("the options", CommandLine.arguments.dropFirst().joined(separator: " "))])
      do {
        try body(world)
      } catch  where world.rank > 0 && !(error is CommunicatorError) {
        // Mostly all have the same error, such as a file that is missing: the first one says it and ends all.
        Thread.sleep(forTimeInterval: min(2 + 1.5 * Double(world.rank - 1), 12))
        throw error
      }
    }
  }
}
