public import Foundation
import SliceGrad

extension TrainingState {
  /// Writes everything to a safetensors file. An older file is replaced as a whole, or stays as it was.
  ///
  /// The tensors are "model.output.weight", "optimizer.output.weight.firstMoment"; of a table's rule "….rows" (their
  /// numbers), "….touches" and "….values" for the rows that were ever touched. The metadata have the rules with their
  /// hyperparameters, the schedule, the place in the data, the generators and a checksum of it all.
  ///
  /// Throws if the file can't be written.
  public func save(to url: URL) throws(CheckpointError) {
    var writer = SafetensorsWriter(metadata: metadata.strings)
    model.add(to: &writer, prefix: "model.")
    var writing = StateWriting(writer: writer, path: ["optimizer"])
    var (optimizer, average) = (optimizer, average)  // copies, as visits may change what they see
    optimizer.visitState(&writing)
    writing.path = ["average"]
    average?.visitFields(&writing)
    writer = writing.writer
    writer.metadata[Checksum.key] = "\(try writer.checksum())"
    try writer.write(to: url)
  }

  /// Takes everything from a file that was saved by a training with the same model, rules, hyperparameters and schedule.
  ///
  /// - Parameter checksHyperparameters: whether other hyperparameters and another schedule are refused. Without this
  ///   check they may differ from the saved ones, as long as the rules keep the same state, and those of this training
  ///   hold.
  ///
  /// Throws if the file can't be read, is damaged, or is another training's; this one is then as it was. While it loads
  /// there are two of everything.
  public mutating func load(from url: URL, checksHyperparameters: Bool = true) throws(CheckpointError) {
    let file = try SafetensorsFile(url)
    let metadata = try TrainingMetadata(of: file)
    try metadata.check(against: self.metadata, hyperparameters: checksHyperparameters)
    var loaded = self
    loaded.epoch = metadata.epoch
    loaded.batch = metadata.batch
    loaded.savedGenerators = metadata.generators
    try loaded.model.take(from: file, prefix: "model.")
    loaded.optimizer = try restored(optimizer, from: file, prefix: "optimizer") { $0.visitState(&$1) }
    if let average {
      loaded.average = try restored(average, from: file, prefix: "average") { $0.visitFields(&$1) }
    } else {
      try file.check(names: [], prefix: "average.", of: "a training without a moving average")
    }
    self = loaded
  }

  private var metadata: TrainingMetadata {
    let rules = zip(model.parameterNames, optimizer.ruleDescriptions)
    return TrainingMetadata(
      epoch: epoch, batch: batch, generators: savedGenerators, rules: Dictionary(uniqueKeysWithValues: rules),
      schedule: "\(schedule)", averageDecay: average.map { "\($0.decay)" })
  }
}

/// A copy of a value with the fields that a file has under a prefix. Throws if they don't fit.
private func restored<Value>(
  _ value: Value, from file: SafetensorsFile, prefix: String, visit: (inout Value, inout StateReading) -> Void
) throws(CheckpointError) -> Value {
  var value = value
  var reading = StateReading(file: file, path: [prefix])
  visit(&value, &reading)
  if let problem = reading.problem { throw problem }
  try file.check(names: reading.names, prefix: prefix + ".", of: "this \(prefix)")
  return value
}
