import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

@Suite struct ModelFileTests {
  private static let names = [
    "embedding.weight", "layers.0.weight", "layers.2.weight", "layers.2.bias", "scale",
  ]

  @Test func namesAndShapes() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try NestedModel<Float>().save(to: url, metadata: ["epoch": "3"])
      let file = try SafetensorsFile(url)
      #expect(file.entries.map(\.name) == Self.names)
      #expect(file.entries.map(\.shape) == [[5, 3], [2, 3], [2, 2], [2], []])
      #expect(file.entries.allSatisfy { $0.dtype == .f32 })
      #expect(file.metadata == ["epoch": "3"])
      let first = try Data(contentsOf: url)
      try NestedModel<Float>().save(to: url, metadata: ["epoch": "3"])
      #expect(try Data(contentsOf: url) == first)
    }
  }

  @Test func roundTripInFloat() throws {
    try roundTrip(quiet: Float(nan: 5, signaling: false), signaling: Float(nan: 5, signaling: true))
  }

  @Test func roundTripInDouble() throws {
    try roundTrip(quiet: Double(nan: 5, signaling: false), signaling: Double(nan: 5, signaling: true))
  }

  /// Bit for bit, with NaNs of any payload, negative zeros, subnormal numbers and infinities.
  private func roundTrip<Scalar: TensorScalar>(quiet: Scalar, signaling: Scalar) throws {
    var model = NestedModel<Scalar>()
    let special: [Scalar] = [
      .nan, quiet, -.nan, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude, .infinity,
      -.infinity, .greatestFiniteMagnitude, signaling,
    ]
    for (index, number) in special.enumerated() { model.embedding.weight.value[index / 3, index % 3] = number }
    for scale in [-0.0, quiet] {
      model.scale.value = Tensor(scale)
      try withTemporaryDirectory { directory in
        let url = directory.appending(path: "model.safetensors")
        try model.save(to: url)
        var loaded = NestedModel<Scalar>(seed: 2)
        #expect(loaded.bits != model.bits)
        try loaded.load(from: url)
        #expect(loaded.bits == model.bits)
      }
    }
  }

  /// Nothing is rounded: a model of `Double` takes a file of `Float`, not the other way round.
  @Test func precisions() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      let float = NestedModel<Float>()
      try float.save(to: url)
      var double = NestedModel<Double>(seed: 2)
      try double.load(from: url)
      #expect(double.embedding.weight.value == Tensor(float.embedding.weight.value))

      try double.save(to: url)
      expectRefusal("tensor “embedding.weight”: found F64, expected F32 or F16 or BF16, as nothing is rounded", url)
    }
  }

  @Test func missingAndSuperfluousTensors() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      let expected = "expected the 5 tensors of NestedModel<Float>"
      try NestedModel<Float>(hasBias: false).save(to: url)
      expectRefusal("found no “layers.2.bias”, \(expected)", url)

      try write(Self.names + ["a", "b"], to: url)
      expectRefusal("found “a”, “b”, which NestedModel<Float> hasn't, \(expected)", url)

      try write(Self.names.dropLast() + ["temperature"], to: url)
      expectRefusal("found no “scale” and “temperature”, which NestedModel<Float> hasn't, \(expected)", url)
    }
  }

  @Test func otherShapes() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      try NestedModel<Float>(rows: 6).save(to: url)
      expectRefusal("tensor “embedding.weight”: found shape [6, 3], expected [5, 3]", url)

      // Only the last parameter is wrong.
      var model = NestedModel<Float>(seed: 3)
      model.scale.value = Tensor([1])
      try model.save(to: url)
      expectRefusal("tensor “scale”: found shape [1], expected []", url)
    }
  }

  @Test func damagedAndMissingFiles() throws {
    try withTemporaryDirectory { directory in
      let url = directory.appending(path: "model.safetensors")
      expectRefusal("found no file, expected a file to read", url)
      try NestedModel<Float>(seed: 3).save(to: url)
      let whole = try Data(contentsOf: url)
      try whole.dropLast().write(to: url)
      expectRefusal("found 111 bytes of data, expected 112", url)
    }
  }

  @Test func savingWhereNothingCanBeWrittenLeavesNothing() throws {
    try withTemporaryDirectory { directory in
      let target = directory.appending(path: "target")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      expectError("found a directory, expected a file to write") {
        try NestedModel<Float>().save(to: target)
      }
      #expect(try directory.fileNames() == ["target"])
    }
  }

  @Test func parametersOfTheSameName() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      struct Twins: Module {
        var (a, b) = (Parameter(Tensor<Float>(1)), Parameter(Tensor<Float>(2)))
        mutating func visitParameters(_ visit: inout ParameterVisitor<Float>) {
          visit(&a, "a")
          visit(&b, "a")
        }
      }
      try Twins().save(to: URL(filePath: "/missing/model.safetensors"))
    }
    #expect(result?.standardErrorContent.trapMessage == "Twins.visitParameters gives the name \"a\" to two leaves")
  }

  /// Loading throws an error of these words and leaves the model as it was.
  private func expectRefusal(_ words: String, _ url: URL, sourceLocation: SourceLocation = #_sourceLocation) {
    var model = NestedModel<Float>()
    expectError(words, sourceLocation: sourceLocation) { try model.load(from: url) }
    #expect(model.bits == NestedModel<Float>().bits, sourceLocation: sourceLocation)
  }

  private func write(_ names: [String], to url: URL) throws {
    var writer = SafetensorsWriter()
    for name in names { writer.add(name, Tensor<Float>(0)) }
    try writer.write(to: url)
  }
}
