import ExampleParts
import Testing

struct NumberingTests {
  @Test("names have the numbers of their first appearance")
  func numbersNames() {
    var numbering = Numbering()
    let numbers = ["b", "a", "b", "c", "a"].map { numbering.number(of: $0) }
    #expect(numbers == [0, 1, 0, 2, 1] && numbering.names == ["b", "a", "c"])
    #expect(numbering.knownNumber(of: "c") == 2 && numbering.knownNumber(of: "d") == nil)
  }

  @Test("names that are spelt differently differ, also where they are equal Strings")
  func comparesSpellings() {
    var numbering = Numbering()
    let numbers = ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}"].map { numbering.number(of: $0) }
    #expect(numbers == [0, 1, 0] && numbering.names.count == 2)
  }
}
