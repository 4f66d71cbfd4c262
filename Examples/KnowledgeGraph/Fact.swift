import SliceGradFiles
import SliceGradText

/// A fact, as its words: Germany – currency – Euro.
struct NamedFact: Hashable {
  let head: String
  let relation: String
  let tail: String
}

/// A fact, as the numbers of its entities and of its relation. It is also a question: which tails do the head and the
/// relation have?
struct Fact: Hashable {
  let head: Int32
  let relation: Int32
  let tail: Int32
}

extension NamedFact {
  private static let form = "head TAB relation TAB tail"

  /// The facts of a file, one a line. Throws `DataError` at the first line that isn't as expected, and for a file
  /// without facts. Blank lines are skipped.
  static func facts(inFile path: String) throws(DataError) -> [(fact: NamedFact, location: TextLocation)] {
    var facts: [(fact: NamedFact, location: TextLocation)] = []
    try FileLines(path: path, contents: "facts").visit { line, number throws(DataError) in
      let location = TextLocation(path: path, line: number)
      guard let text = String(utf8: line) else {
        throw DataError(at: location, found: "bytes that are not UTF-8", expected: "UTF-8 text")
      }
      guard !text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) else { return }
      // As UTF-8: a tab and an accent after it are one `Character`.
      let words = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      guard words.count == 3 else {
        throw DataError(at: location, found: "\(words.count - 1) tabs in \(text.quoted)", expected: form)
      }
      guard !words.contains("") else {
        throw DataError(at: location, found: "nothing beside a tab in \(text.quoted)", expected: form)
      }
      facts.append((NamedFact(head: words[0], relation: words[1], tail: words[2]), location))
    }
    guard !facts.isEmpty else { throw DataError(path: path, found: "no facts", expected: "lines of \(form)") }
    return facts
  }
}
