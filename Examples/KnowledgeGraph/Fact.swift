import ExampleParts
import SliceGradText

/// A fact, as its words: Germany – currency – Euro.
struct NamedFact: Hashable {
  let head: Spelling
  let relation: Spelling
  let tail: Spelling

  init(head: String, relation: String, tail: String) {
    (self.head, self.relation, self.tail) = (Spelling(head), Spelling(relation), Spelling(tail))
  }
}

/// A fact, as the numbers of its entities and of its relation. It is also a question: which tails do the head and the
/// relation have?
struct Fact: Hashable {
  let head: Int32
  let relation: Int32
  let tail: Int32

  /// The relation's row in a table; without reciprocal relations, an inverse has that of its relation.
  func relationRow(of rowCount: Int) -> Int32 { relation % Int32(rowCount) }
}

extension NamedFact {
  private static let form = "head TAB relation TAB tail"

  /// The facts of a file, one a line. Throws `DataError` at the first line that isn't as expected, and for a file
  /// without facts. Blank lines are skipped.
  static func facts(inFile path: String) throws(DataError) -> [(fact: NamedFact, location: TextLocation)] {
    try TabSeparatedLines(path: path, contents: "facts", form: form, fieldCount: 3...3).lines.map { line in
      (NamedFact(head: line.fields[0], relation: line.fields[1], tail: line.fields[2]), line.location)
    }
  }
}
