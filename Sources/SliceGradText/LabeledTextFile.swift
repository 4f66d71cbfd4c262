import SliceGradFiles

/// A UTF-8 file with one labelled text per line: `label TAB text`, or fastText's `__label__x text`.
///
///     let training = try LabeledTextFile("train.tsv").examples()
///     print(training[0].label, training[0].text, training[0].location!)  // es ¿Qué tal? train.tsv:1
///
/// The first line that isn't blank determines the form of all. Blank lines are skipped, and so are spaces around a
/// label. Lines end in LF, CR or CRLF.
///
/// In fastText's form a text may have several labels: the line begins with one, and each word after it that begins with
/// `__label__` is another, and no part of the text. One that is there twice counts once. In the other form a text has
/// one label, which may hold any characters but tabs.
public struct LabeledTextFile: Sendable {
  /// Where the file is.
  public let path: String

  /// The file at a path. It isn't opened before it is read.
  public init(_ path: String) {
    self.path = path
  }

  /// All examples in the order of the file. A line may be 1 MiB long.
  ///
  /// Throws `DataError` at the first line that is not as expected, and for a file without examples. It never returns
  /// only a part of the examples.
  ///
  /// - Complexity: O(bytes of the file).
  public func examples() throws(DataError) -> [LabeledText] {
    var examples: [LabeledText] = []
    var form: LineForm?
    try FileLines(path: path, contents: "labelled text").visit { line, number throws(DataError) in
      guard !line.allSatisfy({ $0 == space }) else { return }
      let location = TextLocation(path: path, line: number)
      guard String(utf8: line) != nil else {
        throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
      }
      let formOfFile = form ?? LineForm(of: line)
      form = formOfFile
      guard LineForm(of: line) == formOfFile else {
        throw DataError(
          at: location, found: quoted(line), expected: "\(formOfFile.rawValue), as in the lines before")
      }
      try examples.append(example(of: line, form: formOfFile, at: location))
    }
    guard !examples.isEmpty else {
      throw DataError(
        path: path, found: "no examples",
        expected: "lines of \(LineForm.tabSeparated.rawValue) or \(LineForm.fastText.rawValue)")
    }
    return examples
  }

  private func example(
    of line: ArraySlice<UInt8>, form: LineForm, at location: TextLocation
  ) throws(DataError) -> LabeledText {
    let (first, others, text) = try form.split(line, at: location)
    guard !first.isEmpty, !others.contains(where: \.isEmpty) else {
      throw DataError(at: location, found: "an empty label", expected: form.rawValue)
    }
    guard !text.allSatisfy(isSpaceOrTab) else {
      throw DataError(
        at: location, found: "no text after the label \(quoted(others.last ?? first))", expected: form.rawValue)
    }
    var example = LabeledText(
      label: String(decoding: first, as: UTF8.self), text: String(decoding: text, as: UTF8.self), location: location)
    var seen: Set = [Spelling(example.label)]
    for label in others.map({ String(decoding: $0, as: UTF8.self) }) where seen.insert(Spelling(label)).inserted {
      example.otherLabels.append(label)
    }
    return example
  }
}

/// How a line holds its label and its text.
///
/// Lines are split as UTF-8: a space or tab followed by a combining accent is one `Character`, but two things here.
private enum LineForm: String {
  case tabSeparated = "label TAB text"
  case fastText = "__label__x text"

  init(of line: ArraySlice<UInt8>) {
    self = line.starts(with: Self.prefix) ? .fastText : .tabSeparated
  }

  static let prefix = "__label__".utf8

  func split(
    _ line: ArraySlice<UInt8>, at location: TextLocation
  ) throws(DataError) -> (label: ArraySlice<UInt8>, otherLabels: [ArraySlice<UInt8>], text: ArraySlice<UInt8>) {
    switch self {
    case .tabSeparated:
      guard let end = line.firstIndex(of: tab) else {
        throw DataError(at: location, found: "no tab in \(quoted(line))", expected: rawValue)
      }
      var label = line[..<end].drop { $0 == space }
      while label.last == space { label.removeLast() }
      return (label, [], line[(end + 1)...])

    case .fastText:
      let label = line.prefix { !isSpaceOrTab($0) }
      let text = line[label.endIndex...].drop(while: isSpaceOrTab)
      let others = text.words(beginningWith: Self.prefix)
      return (
        label.dropFirst(Self.prefix.count), others.map { $0.dropFirst(Self.prefix.count) }, text.without(others)
      )
    }
  }
}

extension ArraySlice<UInt8> {
  /// Those of its words that begin with a prefix.
  fileprivate func words(beginningWith prefix: String.UTF8View) -> [ArraySlice<UInt8>] {
    var (words, rest) = ([ArraySlice<UInt8>](), self)
    while let start = rest.firstIndex(of: prefix.first!) {
      rest = rest[start...]
      let isAtBeginning = start == startIndex || isSpaceOrTab(self[start - 1])
      if isAtBeginning && rest.starts(with: prefix) { words.append(rest.prefix { !isSpaceOrTab($0) }) }
      rest = rest.dropFirst()
    }
    return words
  }

  /// What is left without some of its words, in their order, and the spaces after them.
  fileprivate func without(_ words: [ArraySlice<UInt8>]) -> ArraySlice<UInt8> {
    guard !words.isEmpty else { return self }
    var (rest, position) = ([UInt8](), startIndex)
    for word in words {
      rest += self[position..<word.startIndex]
      position = self[word.endIndex...].drop(while: isSpaceOrTab).startIndex
    }
    return rest[...] + self[position...]
  }
}

private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

private func isSpaceOrTab(_ byte: UInt8) -> Bool { byte == space || byte == tab }

private func quoted(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self).quoted }
