import SliceGradText

/// Words of a sentence that together are one thing, by their tags.
struct Span: Hashable {
  let words: Range<Int>
  let kind: Spelling

  /// The spans of a sentence's tags, by the rules of conlleval, the program that scored the CoNLL shared tasks.
  ///
  /// A tag B-X begins a span of the kind X, and I-X continues it. An I-X also begins one at the beginning of a
  /// sentence, after O and after another kind: no tags are invalid. S-X is a span of its own, and E-X is the last word
  /// of one. A tag without such a beginning, such as NOUN, is a span of its own, except for O, which is none.
  static func spans(of tags: [String]) -> [Span] {
    var spans: [Span] = []
    var (start, open) = (0, nil as Tag?)
    for (word, name) in tags.enumerated() {
      let tag = Tag(name)
      if let before = open, tag == nil || tag!.begins(after: before) {
        spans.append(Span(words: start..<word, kind: before.kind))
        open = nil
      }
      if open == nil { start = word }
      open = tag
    }
    if let open { spans.append(Span(words: start..<tags.count, kind: open.kind)) }
    return spans
  }
}

/// A tag that isn't O.
private struct Tag {
  let place: Unicode.Scalar
  let kind: Spelling

  init?(_ name: String) {
    guard name != "O" else { return nil }
    let scalars = name.unicodeScalars
    let isPlaced =
      scalars.count > 2 && "BIES".unicodeScalars.contains(scalars.first!) && scalars.dropFirst().first == "-"
    (place, kind) = isPlaced ? (scalars.first!, Spelling(String(scalars.dropFirst(2)))) : ("S", Spelling(name))
  }

  /// Whether it begins a span although the word before is in one.
  func begins(after before: Tag) -> Bool {
    "BS".unicodeScalars.contains(place) || "ES".unicodeScalars.contains(before.place) || kind != before.kind
  }
}

/// How well spans and tags are found.
struct Score {
  private(set) var expectedSpans = 0
  private(set) var foundSpans = 0
  /// Found with the same words and the same kind.
  private(set) var rightSpans = 0
  private(set) var words = 0
  private(set) var rightWords = 0

  /// Adds what was found for one sentence.
  mutating func add(expected: [String], found: [String]) {
    let (expectedSpans, foundSpans) = (Span.spans(of: expected), Span.spans(of: found))
    self.expectedSpans += expectedSpans.count
    self.foundSpans += foundSpans.count
    rightSpans += Set(expectedSpans).intersection(foundSpans).count
    words += expected.count
    rightWords += zip(expected, found).count { Spelling($0) == Spelling($1) }
  }

  /// The share of the spans found that are right; 0 if none is found.
  var precision: Double { Double(rightSpans) / Double(max(foundSpans, 1)) }

  /// The share of the spans expected that are found; 0 if none is expected.
  var recall: Double { Double(rightSpans) / Double(max(expectedSpans, 1)) }

  /// The harmonic mean of precision and recall.
  var f1: Double { 2 * Double(rightSpans) / Double(max(expectedSpans + foundSpans, 1)) }

  /// The share of the words whose tag is right.
  var accuracy: Double { Double(rightWords) / Double(max(words, 1)) }
}
