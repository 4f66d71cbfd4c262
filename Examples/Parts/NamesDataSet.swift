import Foundation
package import SliceGradText

/// A data set without a file: names of regions, languages and currencies, labelled with the language they are in.
///
///     let names = NamesDataSet.load()
///     names.training[0]                            // LabeledText(label: "en", text: "world"), the region 001
///     NamesDataSet.englishName(ofLanguage: "nb")   // "Norwegian Bokmål"
///
/// The names are those of the Unicode Common Locale Data Repository (<https://cldr.unicode.org>) as Foundation brings
/// them; they differ a little between its versions. A name that several of the languages share is left out, since
/// nobody could tell its language; so a name that is the English one for want of a translation is, too. All names of a
/// concept, such as the region DE, are in the same part, so that no translation of a test name is seen in training.
package struct NamesDataSet: Sendable, Equatable {
  /// The names of 17 concepts in 20.
  package private(set) var training: [LabeledText] = []
  /// The names of 1 concept in 20.
  package private(set) var validation: [LabeledText] = []
  /// The names of 2 concepts in 20.
  package private(set) var test: [LabeledText] = []

  /// The codes of the 40 languages.
  package static let languages = [
    "en", "fr", "de", "es", "it", "pt", "nl", "sv", "pl", "cs", "hu", "fi", "tr", "ru", "uk", "el", "ar", "he", "fa",
    "hi", "bn", "ta", "th", "vi", "id", "ja", "ko", "zh", "ca", "ro", "da", "nb", "sk", "hr", "lt", "lv", "et", "sl",
    "bg", "sr",
  ]

  /// Collects the names, each part in the order of the concepts and then of `languages`. Takes about 0.3 seconds.
  package static func load() -> NamesDataSet {
    var dataSet = NamesDataSet()
    for name in distinctiveNames() {
      let example = LabeledText(label: name.language, text: name.text)
      switch Part(of: name.concept) {
      case .training: dataSet.training.append(example)
      case .validation: dataSet.validation.append(example)
      case .test: dataSet.test.append(example)
      }
    }
    return dataSet
  }

  /// A text of names: a line has the words by which the languages call one concept, each word once.
  ///
  /// Names that languages share are in it, and those of all parts. Takes about 0.3 seconds.
  package static func linesOfConcepts() -> [String] {
    let locales = languages.map { Locale(identifier: $0) }
    return NamedConcept.all().map { concept in
      var seen: Set<Substring> = []
      let names = locales.compactMap { concept.name(in: $0)?.lowercased() }
      return names.flatMap { $0.split(separator: " ") }.filter { seen.insert($0).inserted }.joined(separator: " ")
    }
  }

  /// What English calls the language with this code, or `nil` for an unknown code.
  package static func englishName(ofLanguage code: String) -> String? {
    NamedConcept(kind: .language, code: code).name(in: Locale(identifier: "en"))
  }
}

extension NamesDataSet {
  struct Name {
    let concept: NamedConcept
    let language: String
    let text: String
  }

  package enum Part {
    case training, validation, test

    /// Drawn by the hash of the concept, so that it is always the same.
    package init(of concept: NamedConcept) {
      var hash = StableHash()
      for byte in concept.identifier.utf8 { hash.combine(UInt64(byte)) }
      switch hash.reduced(below: 20) {
      case 0, 1: self = .test
      case 2: self = .validation
      default: self = .training
      }
    }
  }

  /// The names that only one language has; of two concepts with the same name in it, only the first.
  static func distinctiveNames() -> [Name] {
    var names: [Name] = []
    var firstName: [String: Int] = [:]  // by lower-cased text, its place in `names`
    var isShared: [Bool] = []
    let locales = languages.map { ($0, Locale(identifier: $0)) }
    for concept in NamedConcept.all() {
      for (language, locale) in locales {
        guard let text = concept.name(in: locale) else { continue }
        if let first = firstName[text.lowercased()] {
          if names[first].language != language { isShared[first] = true }
        } else {
          firstName[text.lowercased()] = names.count
          names.append(Name(concept: concept, language: language, text: text))
          isShared.append(false)
        }
      }
    }
    return zip(names, isShared).filter { !$1 }.map(\.0)
  }
}
