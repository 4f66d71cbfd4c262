import Testing

@testable import SliceGradTraining

@Suite struct CheckpointErrorTests {
  @Test func descriptionIsOneLine() {
    let file = CheckpointError(path: "a b.safetensors", found: "this", expected: "that")
    #expect(file.description == "a b.safetensors: found this, expected that")
    let tensor = CheckpointError(path: "a.safetensors", tensor: "output.bias", found: "this", expected: "that")
    #expect("\(tensor as any Error)" == "a.safetensors: tensor “output.bias”: found this, expected that")
    #expect(file != tensor)
  }

  @Test func namesAreShortenedAndEscaped() {
    #expect(CheckpointError.quoted(#"it's "so""#) == #"“it's "so"”"#)
    #expect(CheckpointError.quoted("a\nb\u{1B}\u{202E}ß") == #"“a\nb\u{1B}\u{202E}\u{00DF}”"#)
    let sixty = String(repeating: "x", count: 60)
    #expect(CheckpointError.quoted(sixty) == "“\(sixty)”")
    #expect(CheckpointError.quoted(sixty + "x") == "“\(sixty)…”")
    #expect(CheckpointError.quoted(["a", "b"]) == "“a”, “b”")
    #expect(
      CheckpointError.quoted(["a", "b", "c", "d", "e", "f", "g"]) == "“a”, “b”, “c”, “d”, “e” and 2 others")
  }
}
