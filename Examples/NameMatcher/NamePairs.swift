import ExampleParts
import Foundation

/// The names of regions, languages and currencies in other languages, each with the English name of the same thing.
///
/// The names are those of the Unicode Common Locale Data Repository (<https://cldr.unicode.org>) as Foundation brings
/// them. A name that is the English one is left out, because there is nothing to find.
struct NamePairs {
  struct Pair {
    let name: String
    let language: String
    /// The place of the thing in `englishNames`.
    let concept: Int
  }

  /// The English name of each concept that has one, each name once.
  private(set) var englishNames: [String] = []
  /// The names of 17 concepts in 20.
  private(set) var training: [Pair] = []
  /// The names of 1 concept in 20, by which settings are chosen.
  private(set) var validation: [Pair] = []
  /// The names of 2 concepts in 20. No name of these concepts is among the others.
  private(set) var test: [Pair] = []

  /// Names of one's own.
  init(englishNames: [String], training: [Pair], test: [Pair]) {
    (self.englishNames, self.training, self.test) = (englishNames, training, test)
  }

  /// Those that Foundation has. Takes about 0.3 seconds.
  init() {
    let english = Locale(identifier: "en")
    let locales = NamesDataSet.languages.filter { $0 != "en" }.map { ($0, Locale(identifier: $0)) }
    var numbers: [String: Int] = [:]
    for concept in NamedConcept.all() {
      guard let englishName = concept.name(in: english), numbers[englishName] == nil else { continue }
      numbers[englishName] = englishNames.count
      for (language, locale) in locales {
        guard let name = concept.name(in: locale), name.lowercased() != englishName.lowercased() else { continue }
        let pair = Pair(name: name, language: language, concept: englishNames.count)
        switch NamesDataSet.Part(of: concept) {
        case .training: training.append(pair)
        case .validation: validation.append(pair)
        case .test: test.append(pair)
        }
      }
      englishNames.append(englishName)
    }
  }
}
