package import SliceGradText

/// The lines of a file as texts, which have to be UTF-8.
package struct TextLines {
  private let path: String
  /// What the file should hold, for messages: “facts”.
  private let contents: String

  package init(path: String, contents: String) { (self.path, self.contents) = (path, contents) }

  /// Calls `body` with each line and its place, in order. Throws what `FileLines` throws, and at a line that
  /// is not UTF-8.
  package func visit(
    _ body: (_ text: String, _ location: TextLocation) throws(DataError) -> Void
  ) throws(DataError) {
    try FileLines(path: path, contents: contents).visit { line, number throws(DataError) in
      let location = TextLocation(path: path, line: number)
      guard let text = String(utf8: line) else {
        throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
      }
      try body(text, location)
    }
  }
}
