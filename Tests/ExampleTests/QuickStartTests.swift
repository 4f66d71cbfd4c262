import Testing

struct QuickStartTests {
  @Test("one step changes the rows of its words, and the program says so")
  func runs() throws {
    let result = try Program(name: "QuickStart").run()
    #expect(result.status == 0)
    #expect(result.lines.contains("all other rows are bit-identical"))
    #expect(result.lines.last == "gradients agree with finite differences along 3 directions")
    let before = try #require(result.lines.first { $0.contains("before: ") })
    let after = try #require(result.lines.first { $0.contains("after: ") })
    #expect(before.prefix(7) == after.prefix(7))
    #expect(before.split(separator: "[")[1] != after.split(separator: "[")[1])
  }
}
