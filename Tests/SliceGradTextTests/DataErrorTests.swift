import SliceGradText
import Testing

@Suite struct DataErrorTests {
  @Test func descriptionIsOneLineWithThePlace() {
    let line = DataError(at: TextLocation(path: "a b.tsv", line: 12), found: "this", expected: "that")
    #expect(line.description == "a b.tsv:12: found this, expected that")
    #expect("\(line as any Error)" == line.description)
    let file = DataError(at: TextLocation(path: "a.tsv"), found: "this", expected: "that")
    #expect(file.description == "a.tsv: found this, expected that")
    #expect(file != line)
  }
}
