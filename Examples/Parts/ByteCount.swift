/// A size of a file as people write it: `1MiB`, `900KB`, `1000000`.
package struct ByteCount {
  package let text: String
  package let bytes: Int

  private static let units = [
    "": 1, "B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30,
  ]

  /// Nil unless it is a whole number, perhaps with a unit, and at least 1 byte.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits), number > 0,
      let unit = Self.units[text.dropFirst(digits.count).drop { $0 == " " }.uppercased()]
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    (self.text, self.bytes) = (text, bytes)
  }
}
