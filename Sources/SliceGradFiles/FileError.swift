/// What is wrong with a file: where, what was found, and what was expected. Each module's errors are such ones.
///
///     train.tsv:3: found no tab in “hello world”, expected label TAB text
package protocol FileError: Error {
  init(path: String, found: String, expected: String)

  /// The file, and the part of it if one is meant.
  var place: String { get }
  var found: String { get }
  var expected: String { get }
}

extension FileError {
  /// All of it in one line, in which everything can be seen.
  package var line: String {
    "\(place.visible()): found \(found.visible(atMost: 1000)), expected \(expected.visible(atMost: 1000))"
  }
}
