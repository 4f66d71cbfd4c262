import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Models that take what fits from a file.
@Suite struct LoadingWhatFitsTests {
  /// A model with a part that may be missing, a table and a buffer.
  private struct Network: Module {
    var words: EmbeddingTable<Float>
    var encoder: NestedModel<Float>
    var norm: LayerNorm<Float>?
    var mean: Buffer<Float>

    init(words: Int = 4, seed: Float = 0, hasNorm: Bool = false, mean: Tensor<Float> = Tensor([7, 7])) {
      self.words = EmbeddingTable(Tensor(repeating: seed, shape: [words, 2]))
      encoder = NestedModel(seed: UInt64(seed))
      if hasNorm { norm = LayerNorm([2]) }
      self.mean = Buffer(mean)
    }

    mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
      visit(&words, "words")
      visit(&encoder, "encoder")
      visit(&norm, "norm")
      visit(&mean, "mean")
    }

    var values: [String: Tensor<Float>] { Dictionary(uniqueKeysWithValues: leaves.map { ($0.name, $0.value) }) }
  }

  private func withFile(of model: some Module, _ body: (URL) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try model.save(to: url)
      try body(url)
    }
  }

  /// Each parameter and buffer that fits has the file's numbers, all others have their own.
  @Test(arguments: [false, true])
  func takesWhatFits(growingTables: Bool) throws {
    var saved = Network(words: 3, seed: 1, hasNorm: true, mean: Tensor([1, 2]))
    saved.encoder.layers = NestedModel<Float>(columns: 4, seed: 1).layers
    saved.encoder.embedding.weight.value = Tensor(zeros: [5, 2])
    try withFile(of: saved) { url in
      var model = Network()
      let before = model.values
      let report = try model.loadWhatFits(from: url, growingTables: growingTables)
      #expect(report.taken == ["encoder.layers.2.weight", "encoder.layers.2.bias", "encoder.scale", "mean"])
      #expect(report.unexpected == ["norm.bias", "norm.weight"] && report.missing.isEmpty)
      #expect(report.grown.map(\.name) == (growingTables ? ["words"] : []))
      #expect(
        report.mismatched.map { "\($0.name) \($0.found) \($0.expected)" }
          == (growingTables ? [] : ["words shape [3, 2] [4, 2]"]) + [
            "encoder.embedding.weight shape [5, 2] [5, 3]", "encoder.layers.0.weight shape [2, 4] [2, 3]",
          ])
      for (name, value) in model.values {
        let expected = report.taken.contains(name) ? saved.values[name] : before[name]
        guard name != "words" || !growingTables else { continue }
        #expect(value == expected, "\(name)")
      }
      #expect(model.words.value == Tensor([[1, 1], [1, 1], [1, 1], [0, 0]].map { growingTables ? $0 : [0, 0] }))
      #expect(model.mean.value == Tensor([1, 2]) && saved.values != before)
    }
  }

  /// What is missing is listed, a part that was nil or a bias; and with everything there, nothing is left.
  @Test func missing() throws {
    try withFile(of: Network(seed: 1)) { url in
      var model = Network(hasNorm: true)
      let report = try model.loadWhatFits(from: url)
      #expect(report.missing == ["norm.weight", "norm.bias"] && report.taken.count == 7)
      #expect(report.unexpected.isEmpty && report.mismatched.isEmpty && report.grown.isEmpty)
      model.norm = nil
      #expect(try model.loadWhatFits(from: url).taken == model.parameterNames)
      #expect(model.values == Network(seed: 1).values)
    }
  }

  /// A part from a file of the whole, and into a part what was saved of a part alone.
  @Test func parts() throws {
    let saved = Network(seed: 1)
    try withFile(of: saved) { url in
      var model = Network()
      let report = try model.encoder.loadWhatFits(from: url, part: "encoder")
      #expect(report.taken == model.encoder.parameterNames && report.unexpected.isEmpty)
      #expect(model.encoder.bits == saved.encoder.bits && model.words != saved.words)

      var layers = NestedModel<Float>(columns: 4).layers
      let inner = try layers.loadWhatFits(from: url, part: "encoder.layers")
      #expect(inner.taken == ["2.weight", "2.bias"] && inner.mismatched.map(\.name) == ["0.weight"])

      var strict = Network()
      try strict.encoder.load(from: url, part: "encoder")
      #expect(strict.encoder.bits == saved.encoder.bits && strict.words != saved.words)
      expectError("tensor “encoder.layers.0.weight”: found shape [2, 3], expected [2, 4]") {
        var other = NestedModel<Float>(columns: 4).layers
        try other.load(from: url, part: "encoder.layers")
      }
      expectError(
        "found no tensors “encode.…”, expected one of “embedding.weight” [5, 3], “layers.0.weight” [2, 3], "
          + "“layers.2.weight” [2, 2], “layers.2.bias” [2], “scale” []"
      ) {
        _ = try model.encoder.loadWhatFits(from: url, part: "encode")
      }
    }
    try withFile(of: saved.encoder) { url in
      var model = Network()
      try model.encoder.load(from: url)
      #expect(model.encoder.bits == saved.encoder.bits)
    }
  }

  /// Where nothing fits, numbers would be rounded or the file is damaged, the model stays as it was.
  @Test func refusals() throws {
    func expectRefusal(_ words: String, _ url: URL, sourceLocation: SourceLocation = #_sourceLocation) {
      var model = Network()
      expectError(words, sourceLocation: sourceLocation) {
        _ = try model.loadWhatFits(from: url, growingTables: true)
      }
      #expect(model.values == Network().values, sourceLocation: sourceLocation)
    }
    try withFile(of: NestedModel<Float>()) { url in
      expectRefusal(
        "found “embedding.weight” [5, 3], “layers.0.weight” [2, 3], “layers.2.weight” [2, 2], “layers.2.bias” [2], "
          + "“scale” [], none of which fits, expected one of “words” [4, 2], “encoder.embedding.weight” [5, 3], "
          + "“encoder.layers.0.weight” [2, 3], “encoder.layers.2.weight” [2, 2], “encoder.layers.2.bias” [2] and 2 others",
        url)
      expectRefusal("found no file, expected a file to read", url.appendingPathExtension("missing"))

      var writer = SafetensorsWriter()
      writer.add("words", Tensor<Float>(ones: [4, 2]))
      writer.add("mean", Tensor<Double>(ones: [2]))
      try writer.write(to: url)
      expectRefusal("tensor “mean”: found F64, expected F32 or F16 or BF16, as nothing is rounded", url)

      try Network(words: 3, seed: 1).save(to: url)
      let whole = try Data(contentsOf: url)
      for place in stride(from: 9, to: whole.count, by: 41) {
        var damaged = whole
        damaged[place] ^= 2
        try damaged.write(to: url)
        var model = Network()
        #expect(throws: CheckpointError.self) { _ = try model.loadWhatFits(from: url, growingTables: true) }
        #expect(model.values == Network().values)
      }
    }
  }

  /// Names are compared byte by byte, numbers of fewer bits are widened, and a shape of any kind is only another one.
  @Test func filesOfOthers() throws {
    struct Named: Module {
      var weights: [String: Parameter<Double>]
      mutating func visitParameters(_ visit: inout ParameterVisitor<Double>) {
        for name in weights.keys.sorted() { visit(&weights[name]!, name) }
      }
    }
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      var writer = SafetensorsWriter()
      writer.add("é", Tensor<Float>([1.5]))
      writer.add("größe", Tensor<Float>([2]))
      writer.add("a", dtype: .f32, shape: Array(repeating: 1, count: 300), pieces: [Data(repeating: 0, count: 4)])
      writer.add("b", [1])
      writer.add("c\n\u{202e}", Tensor<Float>(0))
      try writer.write(to: url)
      var model = Named(weights: [:])
      for name in ["e\u{301}", "größe", "a"] { model.weights[name] = Parameter(Tensor<Double>([0])) }
      let report = try model.loadWhatFits(from: url)
      #expect(
        report.description == """
          taken “größe”
          missing “e\\u{0301}”
          unexpected “b”
          unexpected “c\\n\\u{202E}”
          unexpected “é”
          mismatched “a”: found 300 dimensions, expected [1]
          """)
      #expect(model.weights["größe"]?.value == Tensor([2]) && model.weights["e\u{301}"]?.value == Tensor([0]))
    }
  }

  /// A checkpoint is a file of the model, whatever its version and rules.
  @Test func checkpoints() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "training.safetensors")
      let saved = RareWordTraining().state
      try saved.save(to: url)
      func check() throws {
        var generator = RandomGenerator(seed: 9)
        var model = RareWordTraining.Classifier(
          embedding: EmbeddingBag(rows: 200, columns: 3, using: &generator),
          output: Dense(inputs: 3, outputs: 7, using: &generator))
        let report = try model.loadWhatFits(from: url)
        #expect(report.taken == ["embedding.weight"] && report.unexpected.isEmpty)
        #expect(report.mismatched.map(\.name) == ["output.weight", "output.bias"])
        #expect(model.embedding.weight == saved.model.embedding.weight)
        var part = Dense<Float>(inputs: 3, outputs: 4, using: &generator)
        #expect(try part.loadWhatFits(from: url, part: "output").taken == ["weight", "bias"])
      }
      try check()
      let file = try SafetensorsFile(url)
      var older = SafetensorsWriter(metadata: file.metadata)
      older.metadata["version"] = "1"
      for entry in file.entries {
        older.add(entry.name, dtype: entry.dtype, shape: entry.shape, pieces: [try file.bytes(of: entry.name)])
      }
      try older.write(to: url)
      try check()
    }
  }
}

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
