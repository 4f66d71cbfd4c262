import Foundation
import SliceGrad
import TestSupport
import Testing

@testable import SliceGradTraining

/// Files that go to Python's safetensors package and come from it.
@Suite struct PythonRoundTripTests {
  /// What `round_trip.py` says about one tensor.
  private struct Contents: Decodable {
    let dtype: String
    let shape: [Int]
    let numbers: [String]
  }

  @Test(.enabled(if: Python.hasSafetensors, "needs Python with safetensors and numpy: python3 or SLICEGRAD_PYTHON"))
  func roundTrip() throws {
    try withTemporaryDirectory { directory in
      let (sent, returned) = (directory.appending(path: "sent"), directory.appending(path: "returned"))
      var model = NestedModel<Double>()
      model.embedding.weight.value[0, 0] = .nan
      model.embedding.weight.value[0, 1] = -0.0
      try model.save(to: sent, metadata: ["note": "ä \"quoted\" \\ line\nend"])
      let output = try Python.run(fixture("round_trip.py").path, sent.path, returned.path)

      let found = try JSONDecoder().decode([String: Contents].self, from: output)
      let file = try SafetensorsFile(sent)
      #expect(Set(found.keys) == Set(file.entries.map(\.name)) && found.count == 5)
      for (name, contents) in found {
        #expect(contents.dtype == "float64" && contents.shape == file[name]?.shape)
        #expect(try file.tensor(name, as: Double.self).elements.map(hexadecimal) == contents.numbers)
      }

      // Python returns every number but with the other sign.
      var negated = NestedModel<Double>(seed: 2)
      try negated.load(from: returned)
      #expect(negated.bits.count == model.bits.count && negated.bits != model.bits)
      for index in model.bits.indices {
        #expect(negated.bits[index] == (index % 3 == 0 ? 1 - model.bits[index] : model.bits[index]))
      }
      #expect(try SafetensorsFile(returned).metadata == ["note": "ä \"quoted\" \\ line\nend"])
    }
  }
}

/// The Python that is named by `SLICEGRAD_PYTHON`, or else `python3`.
private enum Python {
  struct Failure: Error { let arguments: [String] }

  static let hasSafetensors =
    (try? run("-c", "from importlib.util import find_spec as find; exit(not (find('numpy') and find('safetensors')))"))
    != nil

  /// What Python prints. Throws if it fails.
  static func run(_ arguments: String...) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [ProcessInfo.processInfo.environment["SLICEGRAD_PYTHON"] ?? "python3"] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    return data
  }
}
