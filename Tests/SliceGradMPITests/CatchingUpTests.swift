import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradTraining
import TestSupport
import Testing

/// Some texts, each with a bag and a word.
private struct Texts: Sendable {
  var bags: [[Int32]]
  var words: [Int32]
}

private struct TwoTables: Module {
  var bags: EmbeddingBag<Float>
  var words: EmbeddingTable<Float>

  init() {
    var generator = RandomGenerator(seed: 5)
    bags = EmbeddingBag(rows: 21, columns: 3, paddingIndex: 8, using: &generator)
    words = EmbeddingTable(Tensor(normal: [21, 3], using: &generator))
  }

  mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
    visit(&bags, "bags")
    visit(&words, "words")
  }

  func loss(_ texts: Texts) -> Variable<Float> {
    (bags(RaggedIndices(texts.bags)) * words.gather(texts.words) - 1).square().mean()
  }
}

private typealias Training = TrainingState<TwoTables>

/// Rules that put changes of rows off.
private enum Rule: CaseIterable {
  case caughtUp, caughtUpWithDecay, perRow, limited, onlyDecay, decayedWithDecay

  func training(_ model: TwoTables) -> Training {
    let (rate, decay) = (0.05, RowWeightDecay.caughtUp(0.3))
    let optimizer =
      switch self {
      case .caughtUp: ModelOptimizer(for: model, sparse: SparseAdam(learningRate: rate, inactiveRows: .caughtUp))
      case .caughtUpWithDecay:
        ModelOptimizer(
          for: model, sparse: SparseAdam(learningRate: rate, inactiveRows: .caughtUp, weightDecay: decay, amsgrad: true)
        )
      case .perRow:
        ModelOptimizer(
          for: model, sparse: SparseAdam(learningRate: rate, inactiveRows: .caughtUp, secondMoment: .perRow))
      case .limited:
        ModelOptimizer(
          for: model, sparse: LimitingRowNorms(SparseAdam(learningRate: rate, inactiveRows: .caughtUp), to: 1))
      case .onlyDecay: ModelOptimizer(for: model, sparse: SparseAdam(learningRate: rate, weightDecay: decay))
      case .decayedWithDecay:
        ModelOptimizer(
          for: model, sparse: SparseAdam(learningRate: rate, inactiveRows: .decayed, weightDecay: decay))
      }
    return TrainingState(model: model, optimizer: optimizer)
  }
}

/// Batches of few different rows, so that most rows miss some updates, and row 20 all but the first one.
private let batches = (0..<12).map { number in
  var generator = RandomGenerator(seed: UInt64(number))
  let first = Int32(number * 5 % 14)
  let rows = number == 0 ? 13..<21 : first..<first + 6
  func draw() -> Int32 { Int32.random(in: rows, using: &generator) }
  return (0..<3 + number).map { _ in ([draw(), draw(), draw()], draw()) }
}.map { texts in Texts(bags: texts.map(\.0), words: texts.map(\.1)) }

extension Training {
  /// Brings the rows of a batch up to date; all rows before one of the batches.
  fileprivate mutating func catchUp(_ number: Int) {
    if number == 7 { settle() }
    catchUp(\.bags, rows: RaggedIndices(batches[number].bags))
    catchUp(\.words, rows: batches[number].words)
  }

  /// A step of all ranks. Returns its loss.
  fileprivate mutating func step(_ batch: Texts, _ world: Communicator) throws -> Float {
    let shards = Shards(8, of: batch.words.count) { part in
      Texts(bags: Array(batch.bags[part]), words: Array(batch.words[part]))
    }
    let (loss, gradients) = try world.valueWithGradients(
      at: model, shards: shards,
      lookups: [.bags(\.bags.weight, { RaggedIndices($0.bags) }, paddingIndex: 8), .rows(\.words, \.words)]
    ) { $0.loss($1) }
    update(with: gradients)
    return loss
  }
}

/// Rules that put changes off bring a rank's own rows up to date before a step of all ranks reads them.
@Suite struct CatchingUpTests {
  /// What some steps of so many ranks make of a training: the losses, the settled model, and the file of the training
  /// before it is settled.
  private static func trained(
    _ rule: Rule, ranks: Int, _ numbers: Range<Int> = 0..<12, from start: Data? = nil
  ) throws -> (losses: [Float], model: [Tensor<Float>], file: Data) {
    try withTemporaryDirectory { directory in
      let (old, new) = (directory.appending(path: "old"), directory.appending(path: "new"))
      try start?.write(to: old)
      let results = try Communicator.threads(ranks, deadline: .seconds(60)) { world in
        var training = rule.training(try world.sharingRows(of: TwoTables()))
        if start != nil { try world.load(&training, from: old) }
        let losses = try numbers.map { number in
          training.catchUp(number)
          return try training.step(batches[number], world)
        }
        try world.save(training, to: new)
        training.settle()
        return (losses, try world.gathered(training.model)?.leaves.map(\.value))
      }
      for result in results { #expect(result.0 == results[0].0) }
      return (results[0].0, results[0].1!, try Data(contentsOf: new))
    }
  }

  /// Any number of ranks gives the bits of one, and what whole tables give to within rounding.
  @Test(arguments: Rule.allCases) fileprivate func sameBits(rule: Rule) throws {
    let one = try Self.trained(rule, ranks: 1)
    for ranks in [2, 3, 4, 8, 9] {
      let several = try Self.trained(rule, ranks: ranks)
      #expect(several.losses == one.losses && several.model == one.model, "\(ranks) ranks")
      #expect(several.file == one.file, "\(ranks) ranks")
    }
    var whole = rule.training(TwoTables())
    for (number, found) in one.losses.enumerated() {
      whole.catchUp(number)
      let (loss, gradients) = valueWithGradients(at: whole.model) { $0.loss(batches[number]) }
      whole.update(with: gradients)
      #expect(abs(loss - found) < 1e-4 * loss)
    }
    whole.settle()
    for (expected, found) in zip(whole.model.leaves.map(\.value), one.model) {
      #expect(zip(expected.elements, found.elements).allSatisfy { abs($0 - $1) < 1e-3 })
    }
  }

  /// Some ranks save, others go on, with rows that have missed updates from before the file was written.
  @Test(arguments: Rule.allCases) fileprivate func savedAndResumed(rule: Rule) throws {
    let straight = try Self.trained(rule, ranks: 1)
    for (before, after, end) in [(1, 3, 5), (3, 4, 8), (4, 1, 5), (2, 9, 8), (9, 2, 8)] {
      let start = try Self.trained(rule, ranks: before, 0..<end)
      let rest = try Self.trained(rule, ranks: after, end..<12, from: start.file)
      #expect(start.losses + rest.losses == straight.losses, "\(before), then \(after) ranks")
      #expect(rest.model == straight.model && rest.file == straight.file, "\(before), then \(after) ranks")
    }
  }

  private static let misuses: [(message: String, step: @Sendable (inout Training, Communicator) throws -> Void)] = [
    // The second of two ranks has the rows 4 to 7, 12 to 15, and 20. Row 8 of the bags is left out.
    (
      "SparseAdam: row 8 of a table of shape [9, 3] had missed 1 updates when this step read it; call "
        + "optimizer.catchUp(&model, …, rows: …) before the step, or settle if it reads all rows",
      { training, world in
        for word in [20, 4, 20] as [Int32] { _ = try training.step(Texts(bags: [[8]], words: [word]), world) }
      }
    ),
    (
      "catchUp: row number 21 at position 1 is not in 0..<21",
      { training, world in training.catchUp(\.words, rows: world.rank == 0 ? [4] : [4, 21]) }
    ),
  ]

  @Test(arguments: 0..<misuses.count) func misuseTraps(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index = index as Int] in
      _ = try Communicator.threads(2) { world in
        var training = Rule.caughtUp.training(try world.sharingRows(of: TwoTables()))
        try CatchingUpTests.misuses[index].step(&training, world)
      }
    }
    #expect(result?.standardErrorContent.trapMessage == Self.misuses[index].message)
  }
}
