public import Foundation
public import SliceGrad
import SliceGradFiles

extension Module {
  /// Takes from a safetensors file, or a checkpoint of a training, each parameter and buffer that it has under the same
  /// name and in the same shape. The others stay as they are, and are listed.
  ///
  ///     let url = URL(filePath: "names.safetensors")  // of 40 languages
  ///     var other = TextClassifier(
  ///       embedding: EmbeddingBag(rows: 1010, columns: 64, using: &generator),
  ///       output: Dense(inputs: 64, outputs: 3, using: &generator))
  ///     print(try other.loadWhatFits(from: url, growingTables: true))
  ///     // grown “embedding.weight”: found shape [1004, 64], expected [1010, 64]
  ///     // mismatched “output.weight”: found shape [40, 64], expected [3, 64]
  ///     // mismatched “output.bias”: found shape [40], expected [3]
  ///
  /// PyTorch's `load_state_dict(strict=False)` also leaves what is missing, but raises an error if a shape differs.
  ///
  /// Throws if nothing fits, and otherwise as `load` does: if the file can't be read, if it has a checksum and is
  /// damaged, and if numbers would have to be rounded. The model is then as it was. Traps if `visitParameters` forgets
  /// a parameter.
  ///
  /// - Parameters:
  ///   - url: a safetensors file.
  ///   - part: the part of the file to look at: "embedding" to load `model.embedding` from a file of `model`. The other
  ///     tensors are not listed.
  ///   - growingTables: whether a table also takes the rows of one that has fewer, as its first ones. Say so only if
  ///     the new rows are at the end: nothing in a file says what a row stands for.
  /// - Returns: what was taken, and what was left on either side.
  public mutating func loadWhatFits(
    from url: URL, part: String? = nil, growingTables: Bool = false
  ) throws(CheckpointError) -> FitReport {
    let (file, prefix) = try modelFile(url, part: part)
    return try takeWhatFits(from: file, prefix: prefix, growingTables: growingTables)
  }

  /// Takes what fits from the tensors whose names begin with the prefix. Throws if nothing does.
  mutating func takeWhatFits(
    from file: SafetensorsFile, prefix: String, growingTables: Bool
  ) throws(CheckpointError) -> FitReport {
    let here = leaves.map { ($0.name, Array($0.value.shape), $0.kind == .table) }
    let there = file.entries.filter { $0.name.utf8.starts(with: prefix.utf8) }.map { entry in
      (String(decoding: entry.name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self), entry.shape, false)
    }
    var entries: [Int: SafetensorsEntry] = [:]
    let report = try FitReport(of: here, with: there, growingTables: growingTables) {
      (i, j) throws(CheckpointError) in
      entries[i] = try file.entry(prefix + there[j].0, shape: nil, as: Scalar.self)
      return nil
    }
    guard !report.allTaken.isEmpty else {
      throw CheckpointError(
        path: file.path,
        found: there.isEmpty
          ? "no tensors\(prefix.isEmpty ? "" : " “\(prefix)…”")" : "\(list(there)), none of which fits",
        expected: "one of \(list(here))")
    }
    var index = 0
    forEachParameter { _, value in
      if let entry = entries[index] { value.replaceFirstRows(by: file.read(entry, as: Scalar.self)) }
      index += 1
    }
    return report
  }
}

/// The names and shapes of the first five tensors, and how many others there are.
private func list(_ leaves: [FitReport.NamedShape]) -> String {
  leaves.prefix(5).map { "\($0.name.quoted) \($0.shape.brief)" }.joined(separator: ", ")
    + (leaves.count > 5 ? " and \(leaves.count - 5) others" : "")
}

extension TrainingState {
  /// Takes from the checkpoint of a training what fits this one, whose model may have other parts, more rows and other
  /// outputs, and whose optimizer may train a part that was frozen. It gives the same bits as to load everything and
  /// then to call `ModelOptimizer.takeWhatFits` with a changed model.
  ///
  ///     let url = URL(filePath: "frozen.safetensors")
  ///     let frozen = ModelOptimizer(
  ///       for: model, dense: Adam(), sparse: SparseAdam(), overrides: [.frozen(\.embedding)])
  ///     try TrainingState(model: model, optimizer: frozen).save(to: url)
  ///     var training = TrainingState(model: model, optimizer: optimizer)
  ///     let report = try training.loadWhatFits(from: url)
  ///     print(report.missing)  // ["optimizer.embedding.weight"]
  ///
  /// It takes each parameter that fits by name and shape, as `Module.loadWhatFits` does, with the state of its rule and
  /// its average, the place in the data, the generators and the learning rate factor. There is no best epoch then: a
  /// score of another model says nothing of this one. The other parameters are as they were in this training; their
  /// states and averages begin. So do those of new rows in tables; with `RowWeightDecay.caughtUp`, `settle` the
  /// model before you save it.
  ///
  /// Throws if none of the model's parameters fits, if the rule of one that fits is of another type, and otherwise as
  /// `load` does. The training is then as it was.
  ///
  /// - Parameters:
  ///   - url: a checkpoint.
  ///   - growingTables: whether a table also takes the rows of one that has fewer, as its first ones.
  ///   - checksHyperparameters: whether other hyperparameters of the rules of parameters that fit, another schedule and
  ///     another decay of the average are refused.
  /// - Returns: what was taken and what was left, by names such as "model.output.weight", "optimizer.output.weight" and
  ///   "average.output.weight".
  public mutating func loadWhatFits(
    from url: URL, growingTables: Bool = false, checksHyperparameters: Bool = true
  ) throws(CheckpointError) -> FitReport {
    let file = try SafetensorsFile(url)
    let saved = try TrainingMetadata(of: file)
    var (loaded, report) = (self, FitReport())
    let fit = try loaded.model.takeWhatFits(from: file, prefix: "model.", growingTables: growingTables)
    try saved.check(
      against: metadata.limited(to: fit.allTaken, in: saved), hyperparameters: checksHyperparameters, path: file.path)
    loaded.takePlace(of: saved)
    loaded.best = nil
    report.add(fit, as: "model")
    report.add(try loaded.takeStates(from: file, saved, fit, growingTables), as: "optimizer")
    report.add(try loaded.takeAverage(from: file, saved, fit, growingTables), as: "average")
    self = loaded
    sayIfRoundingChanges(since: file)
    return report
  }

  /// Takes the states of the rules, as a new optimizer does from the one that was saved.
  private mutating func takeStates(
    from file: SafetensorsFile, _ saved: TrainingMetadata, _ fit: FitReport, _ growingTables: Bool
  ) throws(CheckpointError) -> FitReport {
    let both = saved.trained.intersection(metadata.trained)
    let taken = both.intersection(fit.allTaken)
    let old = try file.restored(
      optimizer.atStart { name, _ in taken.contains(name) ? file.shape(ofParameter: name) : nil }, prefix: "optimizer.",
      besides: Set(saved.rules.keys).subtracting(taken))
    optimizer = optimizer.atStart { $1 }
    var report = optimizer.takeWhatFits(from: old, growingTables: growingTables)
    report.noteShapes(of: fit.mismatched.filter { both.contains($0.name) })
    report.unexpected = saved.trained.subtracting(both).sorted()
    return report
  }

  /// Takes the average, if there is one, as a new one of the loaded model does from the one that was saved.
  private mutating func takeAverage(
    from file: SafetensorsFile, _ saved: TrainingMetadata, _ fit: FitReport, _ growingTables: Bool
  ) throws(CheckpointError) -> FitReport {
    let isSaved = saved.averageDecay != nil
    let all = isSaved ? Set(saved.rules.keys) : []
    var report = FitReport()
    guard let decay = average?.decay else {
      report.unexpected = all.sorted()
      return report
    }
    let taken = fit.allTaken.filter(all.contains)
    var old = ExponentialMovingAverage<Model>(
      decay: decay,
      leaves: taken.map { name in
        let shape = file.shape(ofParameter: name)
        return (name, shape, shape.rank == 2 && file["average.\(name).lastValues.rows"] != nil)
      })
    if isSaved { old = try file.restored(old, prefix: "average.", besides: all.subtracting(taken)) }
    var new = ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: decay)
    report = new.takeWhatFits(from: old, growingTables: growingTables)
    average = new
    if isSaved {
      report.noteShapes(of: fit.mismatched)
      report.unexpected = fit.unexpected
    }
    return report
  }
}

extension TrainingMetadata {
  /// The names of the parameters that are trained.
  fileprivate var trained: Set<String> { Set(rules.filter { !$1.isFrozen }.keys) }

  /// What has to be the same in another training that takes some parameters from a saved one.
  fileprivate func limited(to taken: [String], in saved: TrainingMetadata) -> TrainingMetadata {
    var limited = self
    let both = trained.intersection(saved.trained).intersection(taken)
    limited.rules = rules.filter { both.contains($0.key) }
    if averageDecay == nil || saved.averageDecay == nil { limited.averageDecay = saved.averageDecay }
    return limited
  }
}

extension SafetensorsFile {
  /// The shape of a parameter that has been taken from this checkpoint.
  fileprivate func shape(ofParameter name: String) -> Shape { Shape(self["model." + name]!.shape) }
}

extension FitReport {
  /// Says of what is missing that it is there in another shape.
  fileprivate mutating func noteShapes(of differences: [Difference]) {
    mismatched += differences
    missing.removeAll { name in differences.contains { $0.name == name } }
  }
}
