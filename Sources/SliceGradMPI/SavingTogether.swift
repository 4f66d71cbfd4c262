public import Foundation
public import SliceGrad
public import SliceGradTraining

extension Communicator {
  /// Writes a training of all ranks to one file, which is the same for any number of ranks: that of a training in one
  /// process, with the state of rows in the order of the rows. Rank 0 writes it; the others wait.
  ///
  /// - Throws: `CommunicatorError`, or on rank 0 `CheckpointError` if the file can't be written.
  /// - Complexity: O(n) for n numbers in the model and in its state, in memory of rank 0.
  public func save<Model: Module>(_ training: TrainingState<Model>, to url: URL) throws
  where Model.Scalar: MessageElement {
    let best = training.best.map { "epoch \($0.epoch)" } ?? "none"
    try agree(on: [("step", "\(training.optimizer.step)"), ("best", best)])
    let tables = training.model.sharedTables
    let model = try gathered(training.model)
    let bestModel = try training.best.map { try gathered($0.model) }
    var whole = training
    whole.optimizer = try training.optimizer.changed(tables, by: GatheringState(self))
    whole.average = try training.average?.changed(tables, by: GatheringState(self))
    if let model {
      whole.model = model
      if let bestModel = bestModel ?? nil { whole.best?.model = bestModel }
      try whole.save(to: url)
    }
    try barrier()
  }

  /// Takes a training from a file that any number of ranks has saved, or one process. Each rank reads the whole file
  /// and keeps its own rows.
  ///
  /// Throws as `TrainingState.load` does; the training is then as it was.
  ///
  /// - Complexity: O(n) for n numbers in the file, in memory of each rank.
  public func load<Model: Module>(
    _ training: inout TrainingState<Model>, from url: URL, checksHyperparameters: Bool = true
  ) throws where Model.Scalar: MessageElement {
    let (tables, sharings) = (training.model.sharedTables, training.model.tables.map(\.sharing))
    var whole = training
    whole.model.forEachTable { table in
      if table.sharing != nil { table = EmbeddingTable(Tensor(zeros: table.shape)) }
    }
    whole.optimizer = try training.optimizer.changed(tables, by: WholeStateAtStart())
    whole.average = try training.average?.changed(tables, by: WholeStateAtStart())
    try whole.load(from: url, checksHyperparameters: checksHyperparameters)

    whole.model.keepOwnRows(sharings)
    whole.best?.model.keepOwnRows(sharings)
    whole.optimizer = try whole.optimizer.changed(tables, by: OwnState())
    whole.average = try whole.average?.changed(tables, by: OwnState())
    training = whole
  }
}

extension Module {
  /// Keeps of each table the rows that are here.
  mutating func keepOwnRows(_ sharings: [RowSharing?]) {
    var unread = sharings[...]
    forEachTable { table in
      guard let sharing = unread.removeFirst() else { return }
      table.value = sharing.ownRows(of: table.value)
      table.sharing = sharing
    }
  }
}
