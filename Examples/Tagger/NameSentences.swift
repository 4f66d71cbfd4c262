import ExampleParts
import Foundation
import SliceGrad

/// Data without a file: “sentences” of names, in which the words of a region, a language or a currency are tagged so.
///
/// A sentence is in one of eight languages. It is a row of 3 to 6 names and a few names of months and weekdays, which
/// are tagged O, all drawn at random and without anything between them: where a name ends and the next one begins is a
/// part of the task. The names are those of the Unicode Common Locale Data Repository (<https://cldr.unicode.org>) as
/// Foundation brings them; they differ a little between its versions.
///
/// A thing has its names in one part only, and a name that training has is in no other part. So each name that is
/// tested is new, though its words may not be.
struct NameSentences {
  struct Name: Hashable {
    let words: [String]
    let kind: String

    init(_ text: String, kind: String) {
      (words, self.kind) = (text.split(separator: " ").map(String.init), kind)
    }
  }

  /// Languages that write spaces between words.
  static let languages = ["en", "fr", "de", "es", "it", "pt", "nl", "sv"]

  /// By the language, the names of each part.
  private(set) var names: [NamesDataSet.Part: [[Name]]] = [:]
  /// By the language, the months and weekdays.
  private let otherWords: [[String]]

  /// Collects the names. Takes about 0.2 seconds.
  init() {
    let locales = Self.languages.map { Locale(identifier: $0) }
    var seen: Set<[String]> = []
    for part in [NamesDataSet.Part.training, .validation, .test] {
      let concepts = NamedConcept.all().filter { NamesDataSet.Part(of: $0) == part }
      let found = locales.map { locale in
        concepts.compactMap { concept in
          concept.name(in: locale).map { Name($0, kind: concept.kind.rawValue.uppercased()) }
        }
      }
      names[part] = found.map { $0.filter { !seen.contains($0.folded) } }
      for name in found.joined() { seen.insert(name.folded) }
    }
    otherWords = locales.map { locale in
      var calendar = Calendar(identifier: .gregorian)
      calendar.locale = locale
      return calendar.monthSymbols + calendar.weekdaySymbols
    }
  }

  /// Sentences of the names of one part.
  func sentences(_ count: Int, of part: NamesDataSet.Part, using generator: inout RandomGenerator) -> [TaggedSentence] {
    (0..<count).map { _ in
      let language = Int.random(in: 0..<Self.languages.count, using: &generator)
      var sentence = TaggedSentence()
      for _ in 0..<Int.random(in: 3...6, using: &generator) {
        if Int.random(in: 0..<4, using: &generator) == 0 {
          sentence.words.append(otherWords[language].randomElement(using: &generator)!)
          sentence.tags.append("O")
        }
        let name = names[part]![language].randomElement(using: &generator)!
        sentence.words += name.words
        sentence.tags += name.words.indices.map { ($0 == 0 ? "B-" : "I-") + name.kind }
      }
      return sentence
    }
  }
}

extension NameSentences.Name {
  /// The words without upper-case letters: the same for names that differ by those only.
  var folded: [String] { words.map { $0.lowercased() } }
}

extension Corpus {
  /// So many sentences of names to learn from, a tenth of them to validate and a quarter to test: always the same ones
  /// of a version of Foundation.
  init(_ names: NameSentences, count: Int) {
    var generator = RandomGenerator(seed: 1)
    test = names.sentences(count / 4, of: .test, using: &generator)
    validation = names.sentences(count / 10, of: .validation, using: &generator)
    training = names.sentences(count, of: .training, using: &generator)
  }
}
