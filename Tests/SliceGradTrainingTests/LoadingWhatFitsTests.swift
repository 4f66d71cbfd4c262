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
