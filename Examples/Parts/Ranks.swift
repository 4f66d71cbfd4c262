import Foundation
package import SliceGrad
package import SliceGradMPI

/// What the processes of a program do together. It is one process if the program is started alone, and there are N
/// under `mpirun -np N`: these share the parts of each step and the rows of the tables.
package struct Ranks {
  private let world: Communicator
  /// In how many parts steps are; nil for one process that has whole batches and tables.
  private let shards: Int?

  /// - Parameter shards: the option `--shards`.
  package init(_ world: Communicator, shards: Int?) {
    self.world = world
    self.shards = shards ?? (world.count > 1 ? 8 : nil)
  }

  /// The lines of `--help`.
  package static let help = """
      --shards N                 compute each step in N parts, a power of 2, and add them up in pairs (alone: the step
                                 at once; several processes: 8)

    Under mpirun -np P, P processes share the parts of each step, and each has the rows of the tables that are its own.
    They find the same numbers to the bit as one process with the same --shards. The first process writes, prints and
    evaluates; for that, it needs memory for the whole tables.
    """

  /// Whether this process is the one that prints and writes files.
  package var isFirst: Bool { world.rank == 0 }

  /// Whether the rows of tables are shared, so that a step announces which it needs.
  package var sharesRows: Bool { shards != nil }

  /// A model of which this process has its own rows, if they are shared.
  package func sharingRows<Model: Module>(of model: Model) throws(CommunicatorError) -> Model {
    guard let shards else { return model }
    return try world.sharingRows(of: model, in: shards)
  }

  /// The model with whole tables on the first process; nil on others. All call it.
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
  /// Runs a program in all of its processes, and ends it with one line if it fails.
  package static func run(_ program: String, _ body: (Communicator) throws -> Void) {
    do {
      try Communicator.world().run { world in
        do {
          try body(world)
        } catch  where world.rank > 0 && !(error is CommunicatorError) {
          // Mostly all have the same error, such as an option that is wrong: the first one says it and ends all.
          Thread.sleep(forTimeInterval: 2)
          throw error
        }
      }
    } catch {
      exit(program, saying: error)
    }
  }
}
