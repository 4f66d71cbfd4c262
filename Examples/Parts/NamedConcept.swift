package import Foundation

/// A region, language or currency, which has a name in each language.
package struct NamedConcept: Hashable {
  package enum Kind: String {
    case region, language, currency
  }

  package let kind: Kind
  let code: String

  /// Tells apart concepts of different kinds: the region `region:DE` from the language `language:de`.
  var identifier: String { "\(kind.rawValue):\(code)" }

  /// All concepts that Foundation knows, in the order of their kinds and codes.
  package static func all() -> [NamedConcept] {
    func concepts(_ kind: Kind, _ codes: [String]) -> [NamedConcept] {
      codes.sorted().map { NamedConcept(kind: kind, code: $0) }
    }
    return concepts(.region, Locale.Region.isoRegions.map(\.identifier))
      + concepts(.language, Locale.LanguageCode.isoLanguageCodes.map(\.identifier))
      + concepts(.currency, Locale.Currency.isoCurrencies.map(\.identifier))
  }

  /// The concept's name in the language of `locale`, or `nil` where there is none but the code itself.
  package func name(in locale: Locale) -> String? {
    let name =
      switch kind {
      case .region: locale.localizedString(forRegionCode: code)
      case .language: locale.localizedString(forLanguageCode: code)
      case .currency: locale.localizedString(forCurrencyCode: code)
      }
    guard let trimmed = name?.trimmingCharacters(in: .whitespaces), !trimmed.isEmpty,
      trimmed.lowercased() != code.lowercased()
    else { return nil }
    return trimmed
  }
}
