public import Foundation
import SliceGrad
import SliceGradFiles

extension TrainingState {
  /// Writes everything to a safetensors file. An older file is replaced as a whole, or stays as it was.
  ///
  /// The tensors have names such as "model.output.weight" and "optimizer.output.weight.firstMoment". The state of a
  /// table's rule is in "….rows" (the row numbers), "….touches" and "….values", for the rows that were ever touched.
  /// The metadata have the rules with their hyperparameters, the schedule, the place in the data and the generators.
  /// The model of the best epoch is in tensors such as "best.output.weight".
  ///
  /// Throws if the file can't be written.
  ///
  /// - Complexity: O(n) for n numbers in the model and in the state of its rules, for tables only in that of touched
  ///   rows. Nothing is copied.
  public func save(to url: URL) throws(CheckpointError) { try writer.write(to: url) }

  /// The file that `save` writes. Of tables whose rows several processes share, it has what is here.
  package var writer: SafetensorsWriter {
    var writer = SafetensorsWriter(metadata: metadata.strings)
    let tables = model.sharedTables
    model.add(to: &writer, prefix: "model.")
    writer.add(optimizer, prefix: "optimizer.", tables)
    if let average { writer.add(average, prefix: "average.", tables) }
    best?.model.add(to: &writer, prefix: "best.")
    return writer
  }

  /// Takes everything from a file that was saved by a training with the same model, rules, hyperparameters and
  /// schedule.
  ///
  /// Throws if the file can't be read, is damaged, or is of another training; this one is then as it was. While it
  /// loads, everything is in memory twice. Says so on standard error if the file was computed by an `InstructionSet`
  /// that rounds otherwise.
  ///
  /// - Parameters:
  ///   - url: a checkpoint.
  ///   - checksHyperparameters: whether other hyperparameters and another schedule are refused. If they aren't, they
  ///     may differ from the saved ones, as long as the rules keep the same state, and those of this training apply.
  public mutating func load(from url: URL, checksHyperparameters: Bool = true) throws(CheckpointError) {
    try load(from: url, checksHyperparameters: checksHyperparameters, checksContents: true)
  }

  /// The same; if the contents aren't checked for damage, somebody else has done so. Of tables whose rows several
  /// processes share, and of their state, this one's rows are read.
  package mutating func load(
    from url: URL, checksHyperparameters: Bool, checksContents: Bool
  ) throws(CheckpointError) {
    let file = try SafetensorsFile(url)
    let metadata = try TrainingMetadata(of: file, checksContents: checksContents)
    let tables = model.sharedTables
    try metadata.check(
      against: self.metadata, identity: identity, hyperparameters: checksHyperparameters, path: file.path)
    var loaded = self
    loaded.takePlace(of: metadata)
    try loaded.model.take(from: file, prefix: "model.")
    loaded.optimizer = try file.restored(optimizer, prefix: "optimizer.", tables)
    if let average {
      loaded.average = try file.restored(average, prefix: "average.", tables)
    } else {
      try file.check(names: [], prefix: "average.", of: "a training without a moving average")
    }
    if let best = metadata.best {
      var bestModel = model
      try bestModel.take(from: file, prefix: "best.")
      loaded.best = BestEpoch(epoch: best.epoch, score: best.score, model: bestModel)
    } else {
      try file.check(names: [], prefix: "best.", of: "a training without a best epoch")
      loaded.best = nil
    }
    self = loaded
    sayIfRoundingChanges(since: file)
  }

  /// Takes the place in the data and the generators.
  mutating func takePlace(of metadata: TrainingMetadata) {
    epoch = metadata.epoch
    batch = metadata.batch
    order = metadata.order
    generators = metadata.generators
    learningRateFactor = metadata.learningRateFactor ?? 1
    notes = metadata.notes ?? [:]
    instructionSets = Set((metadata.instructionSets ?? []).compactMap(InstructionSet.init)).union([.current])
  }

  /// Says on standard error if the loaded file was computed with another rounding than this process has.
  func sayIfRoundingChanges(since file: SafetensorsFile) {
    let others = instructionSets.filter { $0.roundsOnce != InstructionSet.current.roundsOnce }.map(\.rawValue).sorted()
    guard !others.isEmpty else { return }
    let note =
      "\(file.path.visible()): was computed with \(others.joined(separator: ", ")); \(InstructionSet.current) rounds "
      + "otherwise, so that the last bits will differ\n"
    FileHandle.standardError.write(Data(note.utf8))
  }

  var metadata: TrainingMetadata {
    let rules = zip(model.parameterNames, optimizer.rules.map { SavedRule($0) })
    let shards = model.sharedTables.mapValues(\.classCount)
    var notes = notes
    if let identity { notes[identity.note] = identity.value }
    return TrainingMetadata(
      epoch: epoch, batch: batch, order: order, generators: generators,
      rules: Dictionary(rules) { first, _ in first }, schedule: "\(schedule)", averageDecay: average?.decay,
      best: best.map { TrainingMetadata.Best(epoch: $0.epoch, score: $0.score) },
      learningRateFactor: learningRateFactor, notes: notes,
      instructionSets: instructionSets.map(\.rawValue).sorted(), shards: shards.isEmpty ? nil : shards)
  }
}
