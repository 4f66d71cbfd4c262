import Foundation
import SliceGrad
import Testing

/// One case of a file in `Fixtures`: what PyTorch was given and what it computed.
struct FixtureCase<Content: Decodable & Sendable & CustomStringConvertible>: Sendable, CustomTestStringConvertible {
  /// The place of the case in its file, from 0.
  let number: Int
  let content: Content

  var testDescription: String { "case \(number): \(content)" }

  /// The cases of `Fixtures/<file>.json`.
  static func all(in file: String) throws -> [FixtureCase] {
    let url = try #require(Bundle.module.url(forResource: file, withExtension: "json", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let contents = try decoder.decode([Content].self, from: Data(contentsOf: url))
    return contents.enumerated().map { FixtureCase(number: $0, content: $1) }
  }
}

/// Nested lists of numbers, of any depth: `[[1, 2], [3, 4]]` is a tensor of shape `[2, 2]`, a bare number one of `[]`.
struct NestedNumbers: Decodable, Sendable {
  let tensor: Tensor<Double>

  init(from decoder: any Decoder) throws {
    if let number = try? Double(from: decoder) {
      tensor = Tensor(number)
    } else if let row = try? [Double](from: decoder) {
      tensor = Tensor(row)
    } else {
      tensor = .stack(try [NestedNumbers](from: decoder).map(\.tensor))
    }
  }
}

/// A fixture asks for something that its tests don't know: a failure, never a case to skip.
struct UnknownInFixture: Error {
  let name: String
  init(_ name: String) { self.name = name }
}
