import Testing

@testable import SliceGradText

@Suite struct LineFieldsTests {
  private func fields(_ line: String) -> [String] {
    Array(line.utf8).withUnsafeBufferPointer { line in
      let fields = Array(IteratorSequence(LineFields(line))).map { String(decoding: $0, as: UTF8.self) }
      #expect(LineFields.count(in: line) == fields.count)
      return fields
    }
  }

  @Test(arguments: [
    ("", []), (" ", []), ("   ", []), ("a", ["a"]), (" a", ["a"]), ("a ", ["a"]), ("a b", ["a", "b"]),
    ("  a   bc  d ", ["a", "bc", "d"]), ("a\tb c", ["a\tb", "c"]), ("a\u{A0}b\u{3000} c", ["a\u{A0}b\u{3000}", "c"]),
  ])
  func onlySpacesSeparate(line: String, expected: [String]) {
    #expect(fields(line) == expected)
  }

  @Test func randomLinesAgreeWithSplit() {
    var random = RandomText(seed: 23)
    for _ in 0..<500 {
      let line = random.text()
      // Scalar by scalar: a space with an accent behind it is one Character.
      let expected = line.unicodeScalars.split(separator: " ").map(String.init)
      #expect(fields(line).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }
  }
}
