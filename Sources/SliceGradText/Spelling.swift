/// A text that is the same as another only if their Unicode scalars are: “é” of one scalar and “é” of two are different
/// spellings, although they are equal as Strings.
///
///     print("caf\u{E9}" == "cafe\u{301}")  // true
///     print(Spelling("caf\u{E9}") == Spelling("cafe\u{301}"))  // false
///
/// Spellings are sorted as Strings are, and those that are equal as Strings by their UTF-8.
package struct Spelling: Sendable, Hashable, Comparable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (left: Spelling, right: Spelling) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  package static func < (left: Spelling, right: Spelling) -> Bool {
    guard left.text == right.text else { return left.text < right.text }
    return left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Spellings that are equal as Strings have the same hash. There are few of them.
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
