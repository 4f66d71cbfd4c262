extension StringProtocol {
  /// The text in quotation marks, cut after 60 Unicode scalars. Invisible ones are escaped, because the text may come
  /// from a damaged file.
  ///
  ///     print("hello\tworld".quoted)  // “hello\tworld”
  ///
  /// - Complexity: O(1).
  package var quoted: String {
    let shown = unicodeScalars.prefix(60)
    let isShortened = shown.endIndex < unicodeScalars.endIndex
    return "“" + shown.map(visible).joined() + (isShortened ? "…" : "") + "”"
  }
}

extension Collection<String> {
  /// The first five, each quoted, and how many others there are.
  package var quoted: String {
    prefix(5).map(\.quoted).joined(separator: ", ") + (count > 5 ? " and \(count - 5) others" : "")
  }
}

/// The scalar itself, or its escape sequence (`\t`, `\u{202E}`) if it would be invisible or would disturb a terminal.
private func visible(_ scalar: Unicode.Scalar) -> String {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
    scalar.escaped(asASCII: true)
  default:
    String(scalar)
  }
}
