import SliceGradFiles

/// A UTF-8 file with one labelled text a line: `label TAB text`, or fastText's `__label__x text`.
///
///     let training = try LabeledTextFile("train.tsv").examples()
///     training[0]   // LabeledText(label: "es", text: "¿Qué tal?", location: train.tsv:1)
///
/// The first line with content decides the form of all. Blank lines are skipped, and so are spaces around a label.
public struct LabeledTextFile: Sendable {
  /// Where the file is.
  public let path: String

  public init(_ path: String) {
    self.path = path
  }

  /// All examples in the order of the file. A line may be 1 MiB long.
  ///
  /// Throws `DataError` at the first line that is not as expected, and for a file without examples: nothing partial is
  /// ever returned.
  ///
  /// - Complexity: O(bytes of the file)
  public func examples() throws(DataError) -> [LabeledText] {
    var examples: [LabeledText] = []
    var form: LineForm?
    try FileLines(path: path, contents: "labelled text").visit { bytes, number throws(DataError) in
      guard !bytes.allSatisfy({ $0 == space }) else { return }
      let location = TextLocation(path: path, line: number)
      let line = try decodeUTF8(bytes, at: location)[...].utf8

      let formOfLine = LineForm(of: line)
      let formOfFile = form ?? formOfLine
      form = formOfFile
      guard formOfLine == formOfFile else {
        throw DataError(
          at: location, found: Substring(line).quoted,
          expected: "\(formOfFile.pattern), as in the lines before")
      }
      try examples.append(example(of: line, form: formOfFile, at: location))
    }
    guard !examples.isEmpty else {
      throw DataError(
        path: path, found: "no examples",
        expected: "lines of \(LineForm.tabSeparated.pattern) or \(LineForm.fastText.pattern)")
    }
    return examples
  }

  private func example(
    of line: Substring.UTF8View, form: LineForm, at location: TextLocation
  ) throws(DataError) -> LabeledText {
    var (label, text) = try form.split(line, at: location)
    while label.first == space { label.removeFirst() }
    while label.last == space { label.removeLast() }
    guard !label.isEmpty else {
      throw DataError(at: location, found: "an empty label", expected: form.pattern)
    }
    guard !text.allSatisfy(isSpaceOrTab) else {
      let label = Substring(label).quoted
      throw DataError(at: location, found: "no text after the label \(label)", expected: form.pattern)
    }
    return LabeledText(label: String(Substring(label)), text: String(Substring(text)), location: location)
  }

  /// The text of the bytes. Decoding replaces what is not UTF-8: bytes that come back unchanged are UTF-8.
  private func decodeUTF8(_ bytes: ArraySlice<UInt8>, at location: TextLocation) throws(DataError) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    // Comparing buffers is faster than comparing the views themselves.
    let isUnchanged = bytes.withUnsafeBufferPointer { bytes in
      text.utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) }
    }
    guard isUnchanged == true else {
      throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    return text
  }
}

/// How a line holds its label and text.
///
/// Lines are taken apart as UTF-8: a space or tab with an accent after it is one `Character`, but two things here.
private enum LineForm {
  case tabSeparated
  case fastText

  init(of line: Substring.UTF8View) {
    self = line.starts(with: fastTextPrefix) ? .fastText : .tabSeparated
  }

  var pattern: String {
    switch self {
    case .tabSeparated: "label TAB text"
    case .fastText: "__label__x text"
    }
  }

  func split(
    _ line: Substring.UTF8View, at location: TextLocation
  ) throws(DataError) -> (label: Substring.UTF8View, text: Substring.UTF8View) {
    switch self {
    case .tabSeparated:
      guard let end = line.firstIndex(of: tab) else {
        throw DataError(at: location, found: "no tab in \(Substring(line).quoted)", expected: pattern)
      }
      return (line[..<end], line[end...].dropFirst())

    case .fastText:
      let labelAndText = line.dropFirst(fastTextPrefix.count)
      let end = labelAndText.firstIndex(where: isSpaceOrTab) ?? line.endIndex
      let text = line[end...].drop(while: isSpaceOrTab)
      let words = text.split(whereSeparator: isSpaceOrTab)
      if let secondLabel = words.first(where: { $0.starts(with: fastTextPrefix) }) {
        let label = Substring(secondLabel).quoted
        throw DataError(at: location, found: "a second label \(label)", expected: "one label a line")
      }
      return (labelAndText[..<end], text)
    }
  }
}

private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
private let fastTextPrefix = "__label__".utf8

private func isSpaceOrTab(_ byte: UInt8) -> Bool {
  byte == space || byte == tab
}
