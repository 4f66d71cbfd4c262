public import Foundation
public import SliceGrad
public import SliceGradTraining

extension Communicator {
  /// Writes a training of all ranks to one file, which is the same for any number of ranks, one that is alone included.
  /// It has the state of rows in the order of the rows. Rank 0 writes it, while the others send their rows.
  ///
  /// The file says in how many shards the rows are, on which the last bits depend.
  ///
  /// No rank has a whole table or its state in memory: some 4 MB of the others' rows at a time are on rank 0. Each row
  /// is sent twice, since the checksum of all stands before them in the file.
  ///
  /// - Throws: `CommunicatorError`, also if parameters that all ranks have differ, or on all ranks `CheckpointError` if
  ///   the file can't be written. An older file is then as it was, and the ranks can go on.
  /// - Complexity: O(n) for n numbers in the model and in its state.
  public func save<Model: Module>(_ training: TrainingState<Model>, to url: URL) throws
  where Model.Scalar: MessageElement { try save(training, to: url, bytesAtOnce: 1 << 22) }

  func save<Model: Module>(_ training: TrainingState<Model>, to url: URL, bytesAtOnce: Int) throws
  where Model.Scalar: MessageElement {
    let before = enter(.save)
    defer { function = before }
    let best = training.best.map { "epoch \($0.epoch)" } ?? "none"
    let writer = training.writer
    try agree(
      onParametersOf: training.model, ("step", "\(training.optimizer.step)"), ("best", best),
      ("shared rows of", writer.sharedRows.map(\.name).joined(separator: ", ")))
    try write(writer, to: url, bytesAtOnce: bytesAtOnce)
  }

  /// Writes the parameters of a model of all ranks to one file: that which `Module.save(to:metadata:)` writes for whole
  /// tables. Rank 0 writes it, while the others send their rows: no rank has a whole table in memory. The best model of
  /// a training is `training.best?.model`.
  ///
  /// - Throws: as ``save(_:to:)`` does.
  /// - Complexity: O(n) for n numbers in the model.
  public func save<Model: Module>(_ model: Model, to url: URL, metadata: [String: String] = [:]) throws
  where Model.Scalar: MessageElement {
    let before = enter(.save)
    defer { function = before }
    try agree(onParametersOf: model)
    try write(model.writer(metadata: metadata), to: url)
  }

  /// Writes a file of all ranks, whose writers have the same tensors, each with its own rows of what they share. Rank 0
  /// writes it. See ``save(_:to:)``.
  package func write(_ writer: SafetensorsWriter, to url: URL, bytesAtOnce: Int = 1 << 22) throws {
    let rows = writer.sharedRows
    let all = try allGather(rows.map { Int64($0.ownShape[0]) })
    var problem: CheckpointError?
    if rank == 0 {
      let counts = rows.indices.map { number in all.reduce(0) { $0 + Int($1[number]) } }
      do {
        try write(writer, rows, counts, to: url, bytesAtOnce)
      } catch let error as CheckpointError { problem = error }
      try bytes(rows, bytesAtOnce)
    } else {
      while try bytes(rows, bytesAtOnce) != nil {}
    }
    try together(url) { () throws(CheckpointError) in if let problem { throw problem } }
  }

  /// Does something on all ranks, or on some. All throw if one did.
  private func together(_ url: URL, _ body: () throws(CheckpointError) -> Void) throws {
    var problem: CheckpointError?
    do { try body() } catch { problem = error }
    guard let failure = try failure(after: problem) else { return }
    if let problem { throw problem }
    throw CheckpointError(path: url.path, found: failure.problem, expected: "success on all ranks")
  }

  /// On rank 0: writes the file, for which it asks all ranks for some rows after others.
  private func write(
    _ writer: SafetensorsWriter, _ rows: [SharedRows], _ counts: [Int], to url: URL, _ bytesAtOnce: Int
  ) throws {
    let numbers = Dictionary(uniqueKeysWithValues: zip(rows.map(\.name), rows.indices))
    var last = (number: -1, nextRow: 0, end: 0)  // Of some rows, none may have numbers.
    var problem: (any Error)?
    do {
      try writer.write(to: url, rowCounts: counts) { name, offset throws(CheckpointError) in
        let number = numbers[name]!
        let first = last.number == number && last.end == offset ? last.nextRow : 0
        do {
          let bytes = try bytes(from: first, of: number, rows, bytesAtOnce)!
          last = (number, first + rows[number].rowsAtOnce(bytes: bytesAtOnce), offset + bytes.count)
          return bytes
        } catch {
          problem = error
          throw CheckpointError(path: url.path, tensor: name, found: "\(error)", expected: "the rows of all ranks")
        }
      }
    } catch {
      throw problem ?? error
    }
  }

  /// The bytes of those rows that rank 0 asks for; nil if it has all of them, and says so by −1.
  @discardableResult
  private func bytes(
    from first: Int = 0, of number: Int = -1, _ rows: [SharedRows], _ bytesAtOnce: Int
  ) throws -> [UInt8]? {
    var question = [Int64(number), Int64(first)]
    try broadcast(&question)
    guard question[0] >= 0 else { return nil }
    let asked = rows[Int(question[0])]
    return try asked.bytes(from: Int(question[1]), count: asked.rowsAtOnce(bytes: bytesAtOnce), self)
  }

  /// Takes a training from a file that any number of ranks has saved, or one process. Each rank reads its own rows of
  /// the tables and of their state.
  ///
  /// Rank 0 comes first. It and the first rank of each other machine check the whole file for damage.
  ///
  /// Throws as `TrainingState.load` does, and for a file of other shards: on all ranks, whose training is then as it
  /// was. A file that says nothing of shards, since it is older or of one process, is read; and one process with whole
  /// tables reads a file of any shards.
  ///
  /// - Complexity: O(n) for n numbers in the file; in memory for those of this rank.
  public func load<Model: Module>(
    _ training: inout TrainingState<Model>, from url: URL, checksHyperparameters: Bool = true
  ) throws where Model.Scalar: MessageElement {
    let before = enter(.load)
    defer { function = before }
    let checksContents = hosts.firstIndex(of: hosts[rank]) == rank
    var loaded = training
    func load() throws(CheckpointError) {
      try loaded.load(from: url, checksHyperparameters: checksHyperparameters, checksContents: checksContents)
    }
    try together(url) { () throws(CheckpointError) in if rank == 0 { try load() } }
    try together(url) { () throws(CheckpointError) in if rank > 0 { try load() } }
    training = loaded
  }
}
