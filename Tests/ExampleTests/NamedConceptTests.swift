import Foundation
import Testing

@testable import ExampleParts

@Suite struct NamedConceptTests {
  @Test(arguments: [
    (NamedConcept(kind: .region, code: "DE"), "region:DE", "Germany", "Allemagne"),
    (NamedConcept(kind: .language, code: "de"), "language:de", "German", "allemand"),
    (NamedConcept(kind: .currency, code: "CHF"), "currency:CHF", "Swiss Franc", "franc suisse"),
  ])
  func conceptsHaveNames(concept: NamedConcept, identifier: String, english: String, french: String) {
    #expect(concept.identifier == identifier)
    #expect(concept.name(in: Locale(identifier: "en")) == english)
    #expect(concept.name(in: Locale(identifier: "fr")) == french)
  }

  @Test(arguments: [NamedConcept.Kind.region, .language, .currency])
  func anUnknownCodeHasNoName(kind: NamedConcept.Kind) {
    #expect(NamedConcept(kind: kind, code: "QQQ").name(in: Locale(identifier: "en")) == nil)
  }

  /// Foundation answers “Vai” for `vai`, but “ваи” in Russian.
  @Test func theCodeIsNoName() {
    let concept = NamedConcept(kind: .language, code: "vai")
    #expect(concept.name(in: Locale(identifier: "en")) == nil)
    #expect(concept.name(in: Locale(identifier: "ru")) == "ваи")
  }

  @Test func allConceptsAreDifferentAndInOrder() {
    let concepts = NamedConcept.all()
    #expect(Set(concepts.map(\.identifier)).count == concepts.count)
    for kind in [NamedConcept.Kind.region, .language, .currency] {
      let codes = concepts.filter { $0.kind == kind }.map(\.code)
      #expect(codes.count > 200)
      #expect(codes == codes.sorted())
    }
  }
}
