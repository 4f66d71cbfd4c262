package import Foundation

/// What is wrong with a file: where, what was found, and what was expected. The errors of each module conform to it.
///
///     let error = DataError(path: "train.tsv", found: "no examples", expected: "lines of label TAB text")
///     print(error.line)  // train.tsv: found no examples, expected lines of label TAB text
package protocol FileError: LocalizedError {
  init(path: String, found: String, expected: String)

  /// The file, and the part of it that is meant, if any.
  var place: String { get }
  var found: String { get }
  var expected: String { get }
}

extension FileError {
  public var errorDescription: String? { line }

  /// All of it in one line, in which everything can be seen.
  package var line: String {
    "\(place.visible()): found \(found.visible(atMost: 1000)), expected \(expected.visible(atMost: 1000))"
  }
}
