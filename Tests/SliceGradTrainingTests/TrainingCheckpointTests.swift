import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct TrainingCheckpointTests {
  /// The contents of the checkpoint of a training.
  private func contents(of training: RareWordTraining) throws -> Data {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      try training.state.save(to: url)
      return try Data(contentsOf: url)
    }
  }

  /// For each rule, one process trains for 13 steps and saves, another one loads and trains for 14 more: the same bytes
  /// as those of 27 steps in one go.
  @Test(arguments: RareWordTraining.rules.indices)
  func resumesInAnotherProcess(rule: Int) async throws {
    try await withTemporaryDirectory { directory in
      let path: String = directory.appending(path: "training.safetensors").path

      await #expect(processExitsWith: .success) { [rule, path = path as String] in
        var training = RareWordTraining(rule: rule)
        training.run(steps: 13)
        try training.state.save(to: URL(filePath: path))
      }
      await #expect(processExitsWith: .success) { [rule, path = path as String] in
        var training = RareWordTraining(rule: rule)
        try training.state.load(from: URL(filePath: path))
        guard training.state.optimizer.step == 13, training.state.epoch == 1, training.state.batch == 3 else {
          fatalError("at another place")
        }
        training.run(steps: 14)
        try training.state.save(to: URL(filePath: path))
      }

      var uninterrupted = RareWordTraining(rule: rule)
      uninterrupted.run(steps: 27)
      let expected = try contents(of: uninterrupted)
      #expect(try Data(contentsOf: URL(filePath: path)) == expected)
      // Not every row has been touched, and the second part changed something.
      var half = RareWordTraining(rule: rule)
      half.run(steps: 13)
      #expect(try contents(of: half) != expected)
    }
  }

  /// The best epoch and the learning rate factor come back; what says nothing of them, as files of version 4, has none.
  @Test func bestEpoch() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      var training = RareWordTraining(rule: 0)
      training.run(steps: 13)
      try training.state.save(to: url)
      let file = try SafetensorsFile(url)
      training.state.noteScore(-0.125)
      training.state.learningRateFactor = 0.25
      training.state.notes = ["data": "names"]
      training.run(steps: 3)
      try training.state.save(to: url)
      #expect(try SafetensorsFile(url)["best.output.weight"]?.shape == [4, 3])

      var loaded = RareWordTraining(rule: 0).state
      try loaded.load(from: url)
      #expect(loaded.best?.epoch == 1 && loaded.best?.score == -0.125 && loaded.learningRateFactor == 0.25)
      #expect(loaded.notes == ["data": "names"])
      let best = try #require(training.state.best?.model)
      #expect(
        loaded.best?.model.output.weight == best.output.weight && loaded.model.output.weight != best.output.weight)
      #expect(try loaded.loadWhatFits(from: url).missing.isEmpty)
      #expect(loaded.best == nil && loaded.learningRateFactor == 0.25)

      try loaded.load(from: url)
      var older = SafetensorsWriter(metadata: file.metadata)
      older.metadata["version"] = "4"
      older.metadata["training"]!.replace(#""learningRateFactor":1,"notes":{},"order":"#, with: #""order":"#)
      #expect(older.metadata["training"] != file.metadata["training"])
      for entry in file.entries {
        older.add(entry.name, dtype: entry.dtype, shape: entry.shape, pieces: [try file.bytes(of: entry.name)])
      }
      try older.write(to: url)
      try loaded.load(from: url)
      #expect(
        loaded.best == nil && loaded.learningRateFactor == 1 && loaded.notes.isEmpty && loaded.optimizer.step == 13)
    }
  }

  /// With other data much differs, and of all that the identity is told.
  @Test func ofAnotherTraining() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "checkpoint")
      var training = RareWordTraining()
      func identity(_ value: String) -> TrainingIdentity {
        TrainingIdentity(note: "data", value: value, of: "texts or seed")
      }
      training.state.identity = identity("1")
      training.state.notes = ["more": "notes"]
      try training.state.save(to: url)
      var same = RareWordTraining().state
      same.identity = identity("1")
      try same.load(from: url)
      #expect(same.notes == ["data": "1", "more": "notes"])
      var unknown = RareWordTraining().state
      try unknown.load(from: url)

      var others = [RareWordTraining(rule: 0).state, RareWordTraining(rule: 1).state]
      for number in others.indices {
        others[number].identity = identity("2")
        let error = #expect(throws: CheckpointError.self) {
          try others[number].load(from: url, checksHyperparameters: number == 0)
        }
        #expect(error?.description == "\(url.path): found a training with other texts or seed, expected this one's")
      }
      training.state.identity = nil
      training.state.notes = [:]
      try training.state.save(to: url)
      #expect(throws: CheckpointError.self) { try same.load(from: url) }  // It says nothing of its data.
    }
  }

  /// The names of the tensors, and no more rows than were touched.
  @Test func namesAndTouchedRowsOnly() throws {
    var training = RareWordTraining()
    training.run(steps: 3)
    let file = try open(contents(of: training))
    let state = try #require(
      training.state.optimizer.state(
        of: \.embedding.weight, in: training.state.model, as: SparseAdam<Float>.State.self))
    let rowCount = state.moments.rows.count
    #expect(rowCount > 10 && rowCount <= 36)
    #expect(file["optimizer.embedding.weight.moments.values"]?.shape == [rowCount, 6])
    #expect(try file.integers("optimizer.embedding.weight.moments.rows", as: Int32.self) == state.moments.rows)
    #expect(try file.integers("optimizer.embedding.weight.moments.touches", as: Int32.self) == state.moments.touches)
    #expect(try file.integers("optimizer.step") == [3])
    #expect(
      Set(file.entries.map(\.name)) == [
        "model.embedding.weight", "model.output.weight", "model.output.bias", "optimizer.step",
        "optimizer.embedding.weight.step", "optimizer.embedding.weight.moments.rows",
        "optimizer.embedding.weight.moments.touches", "optimizer.embedding.weight.moments.values",
        "optimizer.output.weight.step", "optimizer.output.weight.firstMoment", "optimizer.output.weight.secondMoment",
        "optimizer.output.weight.maximumSecondMoment", "optimizer.output.bias.step",
        "optimizer.output.bias.firstMoment", "optimizer.output.bias.secondMoment",
        "optimizer.output.bias.maximumSecondMoment", "average.step", "average.embedding.weight.average",
        "average.embedding.weight.lastValues.rows", "average.embedding.weight.lastValues.touches",
        "average.embedding.weight.lastValues.values", "average.embedding.weight.lastSteps",
        "average.output.weight.average", "average.output.bias.average",
      ])
    #expect(Set(file.metadata.keys) == ["format", "version", "training"])
    let text = try #require(file.metadata["training"])
    let metadata = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(
      metadata["schedule"] as? String == "warmUp(steps: 5).then(cosine(steps: 30, minimum: 0.0), after: 5)")
    let rule = try #require((metadata["rules"] as? [String: Any])?["output.weight"] as? [String: Any])
    #expect(rule["type"] as? String == "Adam<Float>")
    #expect(
      rule["hyperparameters"] as? String
        == #"{"amsgrad":true,"beta1":0.9,"beta2":0.999,"epsilon":1e-08,"learningRate":0.001,"#
        + #""weightDecay":{"none":{}}}"#)
  }

  /// Whatever byte is damaged, and wherever the file ends, it is refused, and the training is as it was.
  @Test func damage() throws {
    var training = RareWordTraining()
    training.run(steps: 2)
    let whole = try contents(of: training)
    training.run(steps: 1)
    let before = try contents(of: training)
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      func refuses(_ damaged: Data, _ comment: String) throws {
        try damaged.write(to: url)
        #expect(throws: CheckpointError.self, "\(comment)") { try training.state.load(from: url) }
        #expect(throws: CheckpointError.self, "\(comment)") { try training.state.model.load(from: url) }
      }
      for end in stride(from: 0, to: whole.count, by: 101) { try refuses(whole.prefix(end), "ends at \(end)") }
      for place in stride(from: 0, to: whole.count, by: 97) {
        var damaged = whole
        damaged[place] ^= 4
        try refuses(damaged, "damaged at \(place)")
      }
      try refuses(whole + [0], "longer")
      // A name in the header that the model hasn't.
      let name = try #require(whole.range(of: Data("optimizer.step".utf8)))
      var damaged = whole
      damaged[name.lowerBound] ^= 1
      try refuses(damaged, "the name of another tensor")
      #expect(try contents(of: training) == before)
      try whole.write(to: url)
      try training.state.load(from: url)
      #expect(try contents(of: training) == whole)
    }
  }

  /// What is wrong is said: other rules, another schedule, another model, no average, no checkpoint at all.
  @Test func otherTrainings() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      func expectRefusal(of state: TrainingState<RareWordTraining.Classifier>, _ words: String) {
        var state = state
        let error = #expect(throws: CheckpointError.self) { try state.load(from: url) }
        #expect(error?.description.contains(words) == true, "\(error.map(String.init) ?? "none")")
      }
      let saved = RareWordTraining().state
      func state(
        _ optimizer: ModelOptimizer<RareWordTraining.Classifier>? = nil, schedule: Schedule? = nil,
        decay: Double? = 0.9, generators: [String: RandomGenerator]? = nil
      ) -> TrainingState<RareWordTraining.Classifier> {
        let optimizer = optimizer ?? saved.optimizer
        return TrainingState(
          model: saved.model, optimizer: optimizer, schedule: schedule ?? saved.schedule,
          average: decay.map { ExponentialMovingAverage(of: saved.model, trainedBy: optimizer, decay: $0) },
          generators: generators ?? saved.generators)
      }
      try saved.save(to: url)
      expectRefusal(
        of: state(ModelOptimizer(for: saved.model, dense: Adam(amsgrad: true), sparse: RowwiseAdagrad())),
        "tensor “embedding.weight”: found SparseAdam<Float>, expected RowwiseAdagrad<Float>")
      for (sparse, words) in [
        (SparseAdam<Float>(beta1: 0.5), "found SparseAdam<Float> with beta1 0.9, expected beta1 0.5"),
        (
          SparseAdam(biasCorrection: .activeSteps),
          "SparseAdam<Float> with biasCorrection globalStep, expected biasCorrection activeSteps"
        ),
        (
          SparseAdam(weightDecay: .touchedRows(0.1)),
          "with weightDecay.none, expected weightDecay.touchedRows 0.1"
        ),
      ] {
        expectRefusal(of: state(ModelOptimizer(for: saved.model, dense: Adam(amsgrad: true), sparse: sparse)), words)
      }
      expectRefusal(
        of: state(
          ModelOptimizer(
            for: saved.model, dense: Adam(amsgrad: true), sparse: SparseAdam(),
            overrides: [.learningRate(times: 0.5, for: \.embedding)])),
        "found SparseAdam<Float> with learningRateFactor 1.0, expected learningRateFactor 0.5")
      expectRefusal(
        of: state(schedule: .constant()),
        "found schedule warmUp(steps: 5).then(cosine(steps: 30, minimum: 0.0), after: 5), expected constant(1.0)")
      expectRefusal(of: state(decay: nil), "found a moving average of decay 0.9, expected no moving average")
      expectRefusal(
        of: state(decay: 0.5), "found a moving average of decay 0.9, expected a moving average of decay 0.5")
      expectRefusal(
        of: state(generators: ["shuffle": RandomGenerator(seed: 1)]),
        #"found generators ["dropout"], expected ["shuffle"]"#)
      try state(decay: nil).save(to: url)
      expectRefusal(of: saved, "found no moving average, expected a moving average of decay 0.9")
      try saved.model.save(to: url)
      expectRefusal(of: saved, "found no “format” in the metadata, expected “SliceGrad training checkpoint”")
    }
  }

  /// A training that goes on where products and sums are rounded otherwise says so.
  @Test func otherInstructionSets() async throws {
    let other: InstructionSet = InstructionSet.current.roundsOnce ? .sse2 : .avx512
    try await withTemporaryDirectory { directory in
      let path = directory.appending(path: "training.safetensors").path
      var state = RareWordTraining().state
      #expect(state.instructionSets == [.current])
      try state.save(to: URL(filePath: path))
      try state.load(from: URL(filePath: path))
      #expect(state.instructionSets == [.current])
      state.instructionSets = [other]
      try state.save(to: URL(filePath: path))
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        [path = path as String, other = other.rawValue as String] in
        var state = RareWordTraining().state
        try state.load(from: URL(filePath: path))
        guard state.instructionSets.map(\.rawValue).contains(other), state.instructionSets.count == 2 else {
          fatalError("\(state.instructionSets)")
        }
      }
      let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(
        said.contains(
          "training.safetensors: was computed with \(other); \(InstructionSet.current) rounds otherwise, so that the last "
            + "bits will differ\n"))
    }
  }

  /// Other hyperparameters of the same rules are taken when the check is left out; other rules' state is not, even if
  /// it looks the same.
  @Test func otherHyperparameters() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      var saved = RareWordTraining()
      saved.run(steps: 3)
      saved.state.average = nil
      try saved.state.save(to: url)
      let model = saved.state.model
      var state = TrainingState(
        model: model,
        optimizer: ModelOptimizer(
          for: model, dense: Adam(learningRate: 1, amsgrad: true), sparse: SparseAdam(learningRate: 1)),
        generators: saved.state.generators)
      #expect(throws: CheckpointError.self) { try state.load(from: url) }
      try state.load(from: url, checksHyperparameters: false)
      #expect(state.optimizer.step == 3 && state.batch == 3)
      let moments = [state, saved.state].map {
        $0.optimizer.state(of: \.output.bias, in: model, as: Adam<Float>.State.self)?.secondMoment
      }
      #expect(moments[0] != nil && moments[0] == moments[1])

      // Also inside of another rule.
      func densifying(_ rule: some Optimizer<Tensor<Float>>) -> TrainingState<RareWordTraining.Classifier> {
        TrainingState(
          model: model, optimizer: ModelOptimizer(for: model, dense: Adam(), sparse: Densifying(rule)),
          generators: saved.state.generators)
      }
      try densifying(Adam()).save(to: url)
      var other = densifying(AdamW())
      #expect(throws: CheckpointError.self) { try other.load(from: url, checksHyperparameters: false) }
      other = densifying(Adam(learningRate: 1))
      try other.load(from: url, checksHyperparameters: false)

      // m and v are as wide as v and its largest numbers.
      func sparse(_ rule: SparseAdam<Float>) -> TrainingState<RareWordTraining.Classifier> {
        TrainingState(
          model: model, optimizer: ModelOptimizer(for: model, dense: Adam(), sparse: rule),
          generators: saved.state.generators)
      }
      try sparse(SparseAdam(beta1: 0, amsgrad: true)).save(to: url)
      other = sparse(SparseAdam())
      #expect(throws: CheckpointError.self) { try other.load(from: url, checksHyperparameters: false) }
    }
  }

  /// What can't be is refused although the checksum is right: rows twice or out of range, counts below their first
  /// number, a tensor too many, another version.
  @Test(arguments: [
    ("optimizer.embedding.weight.moments.rows", [1, 1], "a row that is there twice"),
    ("optimizer.embedding.weight.moments.rows", [1, 200], "row number 200 at position 1 is not in 0..<200"),
    ("optimizer.embedding.weight.moments.rows", [1, 2, 3], "found shape [2], expected [3]"),
    ("optimizer.embedding.weight.moments.touches", [1, -1], "a row that was touched -1 times"),
    ("optimizer.step", [-1], "tensor “optimizer.step”: found -1, expected a count from 0 to 2⁵³"),
    ("epoch", [], #"found training “{"batch":1,"epoch":9223372036854775807,"#),
    ("optimizer.steps", [1], "found “optimizer.steps”, which this optimizer hasn't"),
    ("model.bias", [1], "found “model.bias”, which Classifier hasn't"),
    ("average.step", [1], "found “average.step”, which a training without a moving average hasn't"),
    ("best.output.bias", [1], "found “best.output.bias”, which a training without a best epoch hasn't"),
    (
      "version", [1],
      "found version “1” in the metadata, expected version 4 or 5: begin the training anew; model.load(from"
    ),
  ])
  func forgedFiles(name: String, numbers: [Int32], words: String) throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      var training = RareWordTraining()
      training.state.average = nil
      let (_, gradients) = valueWithGradients(at: training.state.model, on: Tape(seed: 1)) {
        $0.loss(RaggedIndices([[5, 6]]), [0])
      }
      training.state.update(with: gradients)
      try training.state.save(to: url)

      let file = try SafetensorsFile(url)
      var forged = SafetensorsWriter(metadata: file.metadata)
      for entry in file.entries where entry.name != name {
        forged.add(entry.name, dtype: entry.dtype, shape: entry.shape, pieces: [try file.bytes(of: entry.name)])
      }
      switch name {
      case "version": forged.metadata[name] = "\(numbers[0])"
      case "epoch": forged.metadata["training"]!.replace("\"epoch\":0", with: "\"epoch\":\(Int.max)")
      default: forged.add(name, numbers)
      }
      try forged.write(to: url)
      let error = #expect(throws: CheckpointError.self) { try training.state.load(from: url) }
      #expect(error?.description.contains(words) == true, "\(error.map(String.init) ?? "none")")
      #expect(training.state.optimizer.step == 1)
      guard name == "version" else { return }
      var model = RareWordTraining().state.model
      try model.load(from: url)
      #expect(model.output.weight == training.state.model.output.weight)
    }
  }
}
