import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Trainings that go on with a model that has changed.
@Suite struct ContinuedTrainingTests {
  private typealias Classifier = RareWordTraining.Classifier

  /// A model with more rows and other labels.
  private func changedModel() -> Classifier {
    var generator = RandomGenerator(seed: 8)
    return Classifier(
      embedding: EmbeddingBag(rows: RareWordTraining.rowCount + 30, columns: 3, using: &generator),
      output: Dense(inputs: 3, outputs: 6, using: &generator))
  }

  private func training(
    _ model: Classifier, _ optimizer: ModelOptimizer<Classifier>, averages: Bool
  ) -> TrainingState<Classifier> {
    let start = RareWordTraining().state
    return TrainingState(
      model: model, optimizer: optimizer, schedule: start.schedule,
      average: averages ? ExponentialMovingAverage(of: model, trainedBy: optimizer, decay: 0.9) : nil, seed: 77,
      generators: ["dropout": RandomGenerator(seed: 99)])
  }

  private func contents(of state: TrainingState<Classifier>, in directory: URL) throws -> Data {
    let url = directory.appending(path: "contents.safetensors")
    try state.save(to: url)
    return try Data(contentsOf: url)
  }

  /// Through a file or in memory, by each rule: the same bits, at once and after further steps.
  @Test(arguments: RareWordTraining.rules.indices)
  func asInMemory(rule: Int) throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      var old = RareWordTraining(rule: rule)
      old.run(steps: 13)
      try old.state.save(to: url)
      let averages = old.state.average != nil

      var loaded = RareWordTraining(rule: rule)
      loaded.state = training(changedModel(), RareWordTraining.rules[rule](changedModel()), averages: averages)
      let report = try loaded.state.loadWhatFits(from: url, growingTables: true)

      var changed = changedModel()
      changed.embedding.weight.value.replaceFirstRows(by: old.state.model.embedding.weight.value)
      var optimizer = RareWordTraining.rules[rule](changed)
      var (expected, model) = (FitReport(), changedModel())
      expected.add(try model.loadWhatFits(from: url, growingTables: true), as: "model")
      expected.add(optimizer.takeWhatFits(from: old.state.optimizer, growingTables: true), as: "optimizer")
      var continued = old
      continued.state.model = changed
      continued.state.optimizer = optimizer
      if let average = old.state.average {
        continued.state.average = ExponentialMovingAverage(of: changed, trainedBy: optimizer, decay: 0.9)
        expected.add(continued.state.average!.takeWhatFits(from: average, growingTables: true), as: "average")
      }
      #expect(report == expected, "\(report)")
      #expect(report.grown.count == (averages ? 3 : 2) && report.mismatched.count >= 3 && report.taken.isEmpty)
      #expect(try contents(of: loaded.state, in: directory) == contents(of: continued.state, in: directory))
      loaded.run(steps: 14)
      continued.run(steps: 14)
      #expect(loaded.state.optimizer.step == 27)
      #expect(try contents(of: loaded.state, in: directory) == contents(of: continued.state, in: directory))
    }
  }

  private func optimizer(
    _ model: Classifier, _ overrides: [ParameterOverride<Classifier>] = [],
    sparse: some Optimizer<IndexedSlices<Float>> = SparseAdam()
  ) -> ModelOptimizer<Classifier> {
    ModelOptimizer(for: model, dense: Adam(), sparse: sparse, overrides: overrides)
  }

  /// A part that was frozen begins, one that is now frozen leaves its state, and an average begins or is left.
  @Test func otherPartsAreTrained() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      let model = RareWordTraining().state.model
      var old = RareWordTraining()
      old.state = training(model, optimizer(model, [.frozen(\.embedding)]), averages: false)
      old.run(steps: 5)
      try old.state.save(to: url)

      var same = RareWordTraining()
      same.state = training(model, optimizer(model, [.frozen(\.output.bias)]), averages: true)
      #expect(
        try same.state.loadWhatFits(from: url).description == """
          taken “model.embedding.weight”
          taken “model.output.weight”
          taken “model.output.bias”
          taken “optimizer.output.weight”
          missing “optimizer.embedding.weight”
          missing “average.embedding.weight”
          missing “average.output.weight”
          missing “average.output.bias”
          unexpected “optimizer.output.bias”
          """)
      #expect(same.state.average?.applied(to: model).output == old.state.model.output)
      let step = same.state.optimizer.state(of: \.output.weight, in: model, as: Adam<Float>.State.self)?.step
      #expect(step == 5 && same.state.optimizer.step == 5 && same.state.batch == old.state.batch)
      same.run(steps: 1)
      let first = same.state.optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Float>.State.self)?.step
      #expect(first == 1 && same.state.optimizer.step == 6)
      // A training that has run before begins anew where nothing is taken.
      var again = same.state
      _ = try again.loadWhatFits(from: url)
      let begun = again.optimizer.state(of: \.embedding.weight, in: model, as: SparseAdam<Float>.State.self)?.step
      #expect(begun == 0 && again.optimizer.step == 5 && again.average?.step == 0)

      // The average of a frozen table is one of rows; with a rule that changes all rows, it is one of all rows.
      old.state = training(model, optimizer(model, [.frozen(\.embedding)]), averages: true)
      old.run(steps: 5)
      try old.state.save(to: url)
      var dense = training(model, optimizer(model, sparse: Densifying(Adam())), averages: true)
      #expect(
        try dense.loadWhatFits(from: url).description == """
          taken “model.embedding.weight”
          taken “model.output.weight”
          taken “model.output.bias”
          taken “optimizer.output.weight”
          taken “optimizer.output.bias”
          taken “average.output.weight”
          taken “average.output.bias”
          missing “optimizer.embedding.weight”
          mismatched “average.embedding.weight”: found an average of rows with a gradient, expected an average of all rows
          """)
      let averages = [dense, old.state].map { $0.average?.applied(to: model).output }
      #expect(averages[0] != nil && averages[0] == averages[1])

      try same.state.save(to: url)
      old.state = training(model, optimizer(model), averages: false)
      let report = try old.state.loadWhatFits(from: url)
      #expect(report.missing == ["optimizer.output.bias"])
      #expect(report.unexpected == ["average.embedding.weight", "average.output.bias", "average.output.weight"])
    }
  }

  /// Rules and hyperparameters are compared where parameters fit, and nothing is taken if one differs.
  @Test func refusals() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      let model = RareWordTraining().state.model
      var old = RareWordTraining()
      old.state = training(model, optimizer(model), averages: true)
      old.run(steps: 5)
      try old.state.save(to: url)

      func load(
        _ new: Classifier, _ optimizer: ModelOptimizer<Classifier>, averages: Bool = true,
        checksHyperparameters: Bool = true
      ) throws -> FitReport {
        var state = training(new, optimizer, averages: averages)
        let before = try contents(of: state, in: directory)
        do {
          return try state.loadWhatFits(
            from: url, growingTables: true, checksHyperparameters: checksHyperparameters)
        } catch {
          #expect(try contents(of: state, in: directory) == before)
          throw error
        }
      }
      expectError("tensor “embedding.weight”: found SparseAdam<Float>, expected RowwiseAdagrad<Float>") {
        _ = try load(changedModel(), optimizer(changedModel(), sparse: RowwiseAdagrad()))
      }
      let faster = optimizer(changedModel(), sparse: SparseAdam(learningRate: 1))
      expectError(
        "tensor “embedding.weight”: found SparseAdam<Float> with learningRate 0.001, expected learningRate 1"
      ) { _ = try load(changedModel(), faster) }
      #expect(try load(changedModel(), faster, checksHyperparameters: false).grown.count == 3)

      // The head is another one, so that its rules may be others.
      let other = ModelOptimizer(for: changedModel(), dense: SGD(learningRate: 1), sparse: SparseAdam())
      let report = try load(changedModel(), other)
      #expect(
        report.mismatched.map(\.name)
          == ["model", "optimizer", "average"].flatMap { part in
            ["output.weight", "output.bias"].map { "\(part).\($0)" }
          })

      var nothing = changedModel()
      nothing.embedding.weight.value = Tensor(zeros: [3, 2])
      nothing.output = Dense(weight: Tensor(zeros: [2, 2]), bias: nil)
      expectError(
        "found “embedding.weight” [200, 3], “output.weight” [4, 3], “output.bias” [4], none of which fits, "
          + "expected one of “embedding.weight” [3, 2], “output.weight” [2, 2]"
      ) { _ = try load(nothing, optimizer(nothing)) }

      // What belongs to what fits has to be as a training saves it.
      let file = try SafetensorsFile(url)
      for (name, count) in [
        ("optimizer.embedding.weight.steps", 5), ("average.embedding.weight.steps", 6), ("optimizer.steps", 5),
      ] {
        let part = name.prefix { $0 != "." }
        var forged = SafetensorsWriter(metadata: file.metadata)
        for entry in file.entries {
          forged.add(entry.name, dtype: entry.dtype, shape: entry.shape, pieces: [try file.bytes(of: entry.name)])
        }
        forged.add(name, [1])
        try forged.write(to: url)
        expectError("found “\(name)”, which this \(part) hasn't, expected the \(count) tensors of this \(part)") {
          _ = try load(changedModel(), optimizer(changedModel()))
        }
      }
    }
  }
}
