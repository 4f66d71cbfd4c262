import ExampleParts
import Foundation
import SliceGrad
import SliceGradText

/// Names as rows of their characters. Row 0 stands before and behind each name.
struct Names {
  let training: [[Int32]]
  let validation: [[Int32]]
  let test: [[Int32]]
  /// The characters by their rows; the first is the mark.
  let characters: [Character]
  private let known: Set<[Int32]>

  static let mark: Int32 = 0

  /// The names of the file, or those of regions. Throws `UsageError` for a language of which Foundation has no names,
  /// and `DataError` for a file without names.
  init(_ options: Options) throws {
    let names: [String]
    if let file = options.trainFile {
      names = try Self.lines(of: file)
      guard names.count >= 10 else {
        throw DataError(
          at: TextLocation(path: file, line: 1), found: "\(names.count) names", expected: "10 or more, one a line")
      }
    } else {
      names = Self.regions(in: options.language)
      guard names.count >= 10 else {
        throw UsageError("--language: Foundation has no names of regions in “\(options.language)”")
      }
    }
    self.init(names, seed: options.seed)
  }

  /// Names of which a tenth is drawn for validation and a tenth is held out.
  init(_ names: [String], seed: UInt64) {
    let characters: [Character] = ["."] + Set(names.joined()).sorted()
    let rows = Dictionary(uniqueKeysWithValues: zip(characters.dropFirst(), Int32(1)...))
    self.characters = characters
    var generator = RandomGenerator(seed: seed)
    let encoded = names.shuffledBatches(ofSize: 1, using: &generator).joined().map { $0.map { rows[$0]! } }
    let (firstTest, firstValid) = (encoded.count * 9 / 10, encoded.count * 8 / 10)
    training = Array(encoded[..<firstValid])
    validation = Array(encoded[firstValid..<firstTest])
    test = Array(encoded[firstTest...])
    known = Set(training)
  }

  func isKnown(_ name: [Int32]) -> Bool { known.contains(name) }

  func text(_ name: [Int32]) -> String { String(name.map { characters[Int($0)] }) }

  private static func lines(of file: String) throws(DataError) -> [String] {
    var names: [String] = []
    try FileLines(path: file, contents: "names").visit { line, number throws(DataError) in
      guard let text = String(utf8: line) else {
        throw DataError(
          at: TextLocation(path: file, line: number), found: "bytes that are no UTF-8", expected: "a name")
      }
      let name = text.trimmingCharacters(in: .whitespaces)
      if !name.isEmpty { names.append(name) }
    }
    return names
  }

  private static func regions(in language: String) -> [String] {
    let locale = Locale(identifier: language)
    guard Locale.availableIdentifiers.contains(locale.identifier) else { return [] }
    let names = Locale.Region.isoRegions.compactMap { locale.localizedString(forRegionCode: $0.identifier) }
    return Set(names).sorted()
  }
}

/// Some names: their characters after the mark, and for each the one that follows, at last the mark.
struct NameBatch {
  let inputs: RaggedIndices
  let targets: [Int32]

  init(_ names: some Sequence<[Int32]>) {
    inputs = RaggedIndices(names.map { [Names.mark] + $0 })
    targets = names.flatMap { $0 + [Names.mark] }
  }
}
