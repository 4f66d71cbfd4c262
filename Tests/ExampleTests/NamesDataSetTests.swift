import Foundation
import SliceGradText
import Testing

@testable import ExampleParts

@Suite struct NamesDataSetTests {
  private static let dataSet = NamesDataSet.load()
  private var dataSet: NamesDataSet { Self.dataSet }
  private var all: [LabeledText] { dataSet.training + dataSet.validation + dataSet.test }

  @Test func thereAreFortyLanguages() {
    #expect(NamesDataSet.languages.count == 40)
    #expect(Set(all.map(\.label)) == Set(NamesDataSet.languages))
    #expect(Set(dataSet.training.map(\.label)).count == 40)
    #expect(Set(dataSet.test.map(\.label)).count == 40)
  }

  /// 31,449 names with the locale data of Swift 6.3.1; other versions differ a little.
  @Test func thereAreSomeThirtyThousandNames() {
    #expect((25_000...38_000).contains(all.count))
    #expect((0.80...0.90).contains(Double(dataSet.training.count) / Double(all.count)))
    #expect((0.03...0.08).contains(Double(dataSet.validation.count) / Double(all.count)))
    #expect((0.07...0.13).contains(Double(dataSet.test.count) / Double(all.count)))
  }

  @Test func noNameIsThereTwice() {
    #expect(Set(all.map { $0.text.lowercased() }).count == all.count)
  }

  @Test func namesAreTrimmedAndNotEmpty() {
    #expect(all.filter { $0.text.isEmpty || $0.text.first!.isWhitespace || $0.text.last!.isWhitespace } == [])
  }

  /// Asks Foundation anew, concept by concept, which languages have a name.
  @Test func allNamesOfAConceptAreInOnePart() {
    let parts = [dataSet.training, dataSet.validation, dataSet.test].map { Set($0.map { [$0.label, $0.text] }) }
    var conceptsOfParts = [0, 0, 0]
    for code in Locale.Currency.isoCurrencies.map(\.identifier) {
      let names = NamesDataSet.languages.compactMap { language in
        Locale(identifier: language).localizedString(forCurrencyCode: code).map { [language, $0] }
      }
      let partsOfConcept = parts.indices.filter { part in names.contains(where: parts[part].contains) }
      #expect(partsOfConcept.count <= 1, "\(code)")
      for part in partsOfConcept { conceptsOfParts[part] += 1 }
    }
    #expect(conceptsOfParts.allSatisfy { $0 > 10 })
  }

  @Test func namesSharedByLanguagesAreLeftOut() {
    let texts = Set(all.map(\.text))
    #expect(texts.contains("Deutschland"))
    #expect(texts.contains("Allemagne"))
    #expect(!texts.contains("Angola"))  // the same in half of Europe
  }

  /// A language without a translation would have the English name, which English has.
  @Test func noOtherLanguageHasAnEnglishName() {
    let english = Locale(identifier: "en")
    let englishNames = Set(NamedConcept.all().compactMap { $0.name(in: english)?.lowercased() })
    #expect(all.filter { $0.label != "en" && englishNames.contains($0.text.lowercased()) } == [])
  }

  @Test func namesOfOtherScriptsAreInThoseScripts() {
    let greek = all.filter { $0.label == "el" }
    #expect(greek.count > 500)
    let inGreekLetters = greek.filter { $0.text.unicodeScalars.contains { (0x370...0x3FF).contains($0.value) } }
    #expect(inGreekLetters.count == greek.count)
  }

  @Test func partsAreDrawnForever() {
    func part(_ kind: NamedConcept.Kind, _ code: String) -> NamesDataSet.Part {
      NamesDataSet.Part(of: NamedConcept(kind: kind, code: code))
    }
    #expect(part(.region, "DE") == .training)
    #expect(part(.language, "de") == .training)
    #expect(part(.region, "FI") == .validation)
    #expect(part(.region, "AT") == .test)
    #expect(part(.language, "pt") == .test)
  }

  @Test func loadingAgainGivesTheSame() {
    #expect(NamesDataSet.load() == dataSet)
  }

  @Test(arguments: [("nb", "Norwegian Bokmål"), ("de", "German"), ("zh", "Chinese"), ("en", "English")])
  func englishNamesOfLanguages(code: String, name: String) {
    #expect(NamesDataSet.englishName(ofLanguage: code) == name)
  }

  @Test func everyLanguageHasAnEnglishName() {
    #expect(NamesDataSet.languages.filter { NamesDataSet.englishName(ofLanguage: $0) == nil } == [])
    #expect(NamesDataSet.englishName(ofLanguage: "qqq") == nil)
  }
}
