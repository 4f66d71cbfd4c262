import Foundation
import SliceGradFiles

/// A place in a file: a path and, if one is meant, a line, counted from 1.
///
///     print(TextLocation(path: "train.tsv", line: 3))  // train.tsv:3
public struct TextLocation: Sendable, Hashable, CustomStringConvertible {
  /// The path of the file, as it was given.
  public var path: String
  /// The number of the line, from 1; `nil` for the file as a whole.
  public var line: Int?

  /// A file, or a line of it.
  public init(path: String, line: Int? = nil) {
    self.path = path
    self.line = line
  }

  public var description: String {
    guard let line else { return path }
    return "\(path):\(line)"
  }
}

/// What is wrong with a file of data: where, what was found, and what was expected.
///
///     do {
///       _ = try LabeledTextFile("words.vec").examples()
///     } catch {
///       print(error)  // words.vec:1: found no tab in “3 2”, expected label TAB text
///     }
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where it is.
  public let location: TextLocation
  /// What is there.
  public let found: String
  /// What should be there.
  public let expected: String

  /// The error about what was found at a place.
  public init(at location: TextLocation, found: String, expected: String) {
    self.location = location
    self.found = found
    self.expected = expected
  }

  public var description: String { line }
}

extension DataError: FileError {
  package init(path: String, found: String, expected: String) {
    self.init(at: TextLocation(path: path), found: found, expected: expected)
  }

  package var place: String { location.description }
}
