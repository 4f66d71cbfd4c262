import SliceGradFiles
package import SliceGradText

/// The lines of a file whose fields have tabs between them.
package struct TabSeparatedLines {
  package struct Line {
    package let fields: [String]
    package let location: TextLocation
  }

  package let lines: [Line]

  /// Reads a file. Blank lines are skipped.
  ///
  /// Throws `DataError` at the first line that isn't UTF-8, has another number of fields or an empty one, and for a
  /// file without lines.
  ///
  /// - Parameters:
  ///   - contents: what the file should hold, for messages: “facts”.
  ///   - form: how a line should look, for messages: “head TAB relation TAB tail”.
  ///   - fieldCount: how many fields a line may have.
  package init(path: String, contents: String, form: String, fieldCount: ClosedRange<Int>) throws(DataError) {
    var lines: [Line] = []
    try TextLines(path: path, contents: contents).visit { text, location throws(DataError) in
      guard !text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) else { return }
      // As UTF-8: a tab and an accent after it are one `Character`.
      let fields = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      guard fieldCount.contains(fields.count) else {
        throw DataError(at: location, found: "\(fields.count - 1) tabs in \(text.quoted)", expected: form)
      }
      guard !fields.contains("") else {
        throw DataError(at: location, found: "nothing beside a tab in \(text.quoted)", expected: form)
      }
      lines.append(Line(fields: fields, location: location))
    }
    guard !lines.isEmpty else { throw DataError(path: path, found: "no \(contents)", expected: "lines of \(form)") }
    self.lines = lines
  }
}
