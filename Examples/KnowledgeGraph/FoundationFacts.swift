import Foundation

/// Facts without a file: what Foundation knows about regions, currencies, languages, scripts and time zones.
///
///     Germany – part-of – Western Europe
///     Germany – currency – Euro
///     Germany – main-language – German language
///     German language – written-in – Latin script
///     Europe/Berlin – lies-in – Germany
///
/// They are those of the Unicode Common Locale Data Repository (<https://cldr.unicode.org>), with English names, and
/// differ a little between its versions.
enum FoundationFacts {
  private static let english = Locale(identifier: "en")

  /// All of them, each once, always in the same order. Takes about a tenth of a second.
  static func all() -> [NamedFact] {
    var seen: Set<NamedFact> = []
    return (ofRegions() + ofLanguages() + ofTimeZones()).filter { seen.insert($0).inserted }
  }

  private static func ofRegions() -> [NamedFact] {
    Locale.Region.isoRegions.sorted { $0.identifier < $1.identifier }.flatMap { region -> [NamedFact] in
      let locale = Locale(identifier: "und_\(region.identifier)")
      // Regions without a currency or a language of their own have those of nowhere, or of the world.
      let currency = locale.currency.flatMap { $0.identifier == "XXX" ? nil : $0 }
      let hasLanguages = region.subRegions.isEmpty
      let language = Locale.Language(identifier: maximalIdentifier("und-\(region.identifier)"))
      return [
        fact(name(region), "part-of", region.containingRegion.flatMap(name)),
        fact(name(region), "continent", region.continent.flatMap(name)),
        fact(name(region), "currency", currency.flatMap { english.localizedString(forCurrencyCode: $0.identifier) }),
        fact(name(region), "main-language", hasLanguages ? name(language) : nil),
        fact(name(region), "week-begins-on", hasLanguages ? name(locale.firstDayOfWeek) : nil),
      ].compactMap(\.self)
    }
  }

  private static func ofLanguages() -> [NamedFact] {
    Locale.availableIdentifiers.sorted().flatMap { identifier -> [NamedFact] in
      let language = Locale.Language(identifier: maximalIdentifier(identifier))
      let script = language.script.flatMap { english.localizedString(forScriptCode: $0.identifier) }
      return [
        fact(name(language), "spoken-in", language.region.flatMap(name)),
        fact(name(language), "written-in", script.map { "\($0) script" }),
      ].compactMap(\.self)
    }
  }

  private static func ofTimeZones() -> [NamedFact] {
    let regions = Set(Locale.Region.isoRegions.compactMap(name))
    let place = DateFormatter()
    place.locale = english
    place.dateFormat = "VVVV"  // “Germany Time”, or the name of a city where a region has several
    return TimeZone.knownTimeZoneIdentifiers.sorted().flatMap { identifier -> [NamedFact] in
      guard let zone = TimeZone(identifier: identifier) else { return [] }
      place.timeZone = zone
      let region = place.string(from: Date(timeIntervalSince1970: 0)).replacing(" Time", with: "")
      return [
        fact(identifier, "has-time", zone.localizedName(for: .standard, locale: english)),
        fact(identifier, "lies-in", regions.contains(region) ? region : nil),
      ].compactMap(\.self)
    }
  }

  private static func fact(_ head: String?, _ relation: String, _ tail: String?) -> NamedFact? {
    guard let head, let tail else { return nil }
    return NamedFact(head: head, relation: relation, tail: tail)
  }

  private static func name(_ region: Locale.Region) -> String? {
    english.localizedString(forRegionCode: region.identifier)
  }

  private static func name(_ language: Locale.Language) -> String? {
    language.languageCode.flatMap { english.localizedString(forLanguageCode: $0.identifier) }.map { "\($0) language" }
  }

  private static func name(_ weekday: Locale.Weekday) -> String? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.locale = english
    return calendar.weekdaySymbols.first { $0.lowercased().hasPrefix(weekday.rawValue) }
  }

  /// A language with the script and region that are most likely: of “und-DE” it is “de-Latn-DE”.
  private static func maximalIdentifier(_ identifier: String) -> String {
    Locale.Language(identifier: identifier).maximalIdentifier
  }
}
