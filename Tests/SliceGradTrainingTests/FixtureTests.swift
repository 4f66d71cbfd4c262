import Foundation
import SliceGrad
import Testing

@testable import SliceGradTraining

/// A file written by PyTorch, with what PyTorch says is in it.
@Suite struct FixtureTests {
  struct Contents: Decodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let numbers: [String]
  }

  @Test func pytorch() throws {
    let file = try SafetensorsFile(fixture("pytorch.safetensors"))
    let expected = try JSONDecoder().decode([Contents].self, from: Data(contentsOf: fixture("pytorch.json")))
    #expect(Set(file.entries.map(\.name)) == Set(expected.map(\.name)) && expected.count == 9)
    #expect(file.metadata == ["format": "pt", "note": "ä \"quoted\" \\ line\nend"])
    for contents in expected {
      #expect(file[contents.name]?.shape == contents.shape, "\(contents.name)")
      switch contents.dtype {
      case "float16", "bfloat16", "float32", "float64":
        let tensor = try file.tensor(contents.name, shape: Shape(contents.shape), as: Double.self)
        #expect(tensor.elements.map(hexadecimal) == contents.numbers, "\(contents.name)")
        guard contents.dtype != "float64" else { continue }
        let narrow = try file.tensor(contents.name, shape: Shape(contents.shape), as: Float.self)
        #expect(narrow.elements.map { hexadecimal(Double($0)) } == contents.numbers, "\(contents.name)")
      case "int32", "int64":
        #expect(try file.integers(contents.name, as: Int.self).map(String.init) == contents.numbers)
      case "uint8":
        #expect(try file.bytes(of: contents.name).map(String.init) == contents.numbers)
      default:
        Issue.record("the fixture has \(contents.dtype)")
      }
    }
  }
}

/// The bits of a number, as `pytorch.json` and `round_trip.py` write them.
func hexadecimal(_ number: Double) -> String {
  let digits = String(number.bitPattern, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// A file of `Fixtures`.
func fixture(_ name: String) throws -> URL {
  try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
}
