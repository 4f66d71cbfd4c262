import ExampleParts
import Testing

struct CountedTests {
  @Test func onlyOneIsSingular() {
    #expect([0, 1, 2].map { "label".counted($0) } == ["0 labels", "1 label", "2 labels"])
  }
}
