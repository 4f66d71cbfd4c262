import ExampleParts
import Foundation
import SliceGrad
import SliceGradMPI
import SliceGradText
import SliceGradTraining

/// The ranks of a training, which each compute some parts of every batch and have some rows of the table, if `mpirun`
/// started several or the number of parts is given. Otherwise this process trains as if there were no ranks.
struct Ranks {
  /// Nil for a process that trains alone, on whole batches.
  private let world: Communicator?
  /// How many parts a batch has; nil if it has none.
  let shards: Int?

  init(_ world: Communicator, _ options: Options) {
    shards = options.shards ?? (world.count > 1 ? 8 : nil)
    self.world = shards == nil ? nil : world
  }

  /// A process that trains alone.
  private init() { (world, shards) = (nil, nil) }

  static var none: Ranks { Ranks() }

  /// A model with this rank's rows.
  func sharingRows(of model: TextModel) throws -> TextModel {
    try world?.sharingRows(of: model, in: shards!) ?? model
  }

  /// The model with all rows, on rank 0; nil on others.
  func gathered(_ model: TextModel) throws -> TextModel? {
    guard let world else { return model }
    return try world.gathered(model)
  }

  /// The loss of a batch and its gradients.
  func valueWithGradients(
    at model: TextModel, _ batch: TextBatch, _ loss: @Sendable (TextModel, TextBatch) -> Variable<Float>
  ) throws -> (value: Float, gradients: Gradients<TextModel>) {
    guard let world else { return SliceGrad.valueWithGradients(at: model) { loss($0, batch) } }
    return try world.valueWithGradients(
      at: model, shards: batch.shards(shards!), lookups: [.bags(\.embedding.weight, \.texts)], loss)
  }

  /// The logits of some texts, `[texts, classes]`, on all ranks.
  func logits(_ model: TextModel, _ texts: RaggedIndices) throws -> Tensor<Float> {
    guard let world else { return model(texts).value }
    let own = try world.results(
      at: model, shards: texts.shards(shards!), lookups: [.bags(\.embedding.weight, { $0 })]
    ) { model, texts in model(texts).value }
    let all = try world.allGather(own.flatMap { Array($0.elements) })
    return Tensor(shape: [texts.bagCount, model.output.weight.shape[0]], elements: all.joined())
  }

  /// Throws unless all numbers of the model are finite, and those that all ranks have are the same.
  func check(_ model: TextModel) throws {
    guard let world else { return try TrainingError.check(model) }
    let isFinite = try world.allGather([model.firstNonFinite == nil ? 1 : 0 as UInt8]).joined()
    if isFinite.contains(0) { throw TrainingError("the model of a rank holds numbers that are not finite") }
    try world.agree(onParametersOf: model)
  }

  /// Whether all ranks are to save the training after a step, since it is time on rank 0 or one was interrupted. They
  /// ask one another every 16 steps only.
  func agree(
    isTime: Bool, isInterrupted: Bool, afterStep step: Int
  ) throws -> (isTime: Bool, isInterrupted: Bool) {
    guard let world else { return (isTime, isInterrupted) }
    guard step.isMultiple(of: 16) else { return (false, false) }
    let all = try world.allGather([isTime ? 1 : 0, isInterrupted ? 1 : 0] as [UInt8])
    return (all[0][0] == 1, all.contains { $0[1] == 1 })
  }

  func save(_ state: TrainingState<TextModel>, to url: URL) throws {
    if let world { try world.save(state, to: url) } else { try state.save(to: url) }
  }

  func load(_ state: inout TrainingState<TextModel>, from url: URL) throws {
    if let world { try world.load(&state, from: url) } else { try state.load(from: url) }
  }
}
