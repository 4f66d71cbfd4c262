import SliceGradFiles
import Testing

/// An error of these tests.
struct Failure: FileError, Hashable {
  let path: String
  let found: String
  let expected: String

  init(path: String, found: String, expected: String) {
    self.path = path
    self.found = found
    self.expected = expected
  }

  var place: String { path }
}

@Suite struct FileErrorTests {
  @Test func oneLineSaysAll() {
    #expect(Failure(path: "a b.tsv", found: "this", expected: "that").line == "a b.tsv: found this, expected that")
  }

  @Test func theLineIsVisibleAndNotEndless() {
    let long = String(repeating: "x", count: 2000)
    #expect(
      Failure(path: "a\nb\u{202E}", found: "\u{1B}[2J", expected: long).line
        == #"a\nb\u{202E}: found \u{1B}[2J, expected "# + long.prefix(1000) + "…")
  }
}
