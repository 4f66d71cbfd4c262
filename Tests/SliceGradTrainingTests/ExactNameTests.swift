import Testing

@testable import SliceGradTraining

@Suite struct ExactNameTests {
  @Test func namesAreTheirScalars() {
    let names = ["\u{E9}", "e\u{301}", "e", ""]
    #expect(Set(names.map(ExactName.init)).count == 4 && names.areDifferent)
    #expect(ExactName("a" + "b") == ExactName("ab"))
    #expect(!["a", "b", "a"].areDifferent)
    #expect([String]().areDifferent)
  }
}
