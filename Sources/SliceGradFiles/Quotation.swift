extension StringProtocol {
  /// The text in quotation marks, cut after 60 Unicode scalars. Invisible ones are escaped, because the text may come
  /// from a damaged file.
  ///
  ///     print("hello\tworld".quoted)  // “hello\tworld”
  ///
  /// - Complexity: O(1).
  package var quoted: String { "“\(visible(atMost: 60))”" }

  /// The text, cut after so many Unicode scalars. Those that would be invisible or would disturb a terminal are
  /// escaped: `\t`, `\u{202E}`.
  package func visible(atMost count: Int = .max) -> String {
    let shown = unicodeScalars.prefix(count)
    var (text, isBase) = ("", false)
    for scalar in shown {
      let isShown = scalar.isVisible(afterBase: isBase)
      text += isShown ? String(scalar) : scalar.escaped(asASCII: true)
      isBase = isShown && scalar != " "
    }
    return text + (shown.endIndex < unicodeScalars.endIndex ? "…" : "")
  }
}

extension Collection<String> {
  /// The first five, each quoted, and how many others there are.
  package var quoted: String {
    prefix(5).map(\.quoted).joined(separator: ", ") + (count > 5 ? " and \(count - 5) others" : "")
  }
}

extension Unicode.Scalar {
  /// Whether it shows as itself. An accent does on a letter, but not alone.
  fileprivate func isVisible(afterBase hasBase: Bool) -> Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    case .spaceSeparator: self == " "
    case .nonspacingMark, .spacingMark, .enclosingMark: hasBase && !properties.isDefaultIgnorableCodePoint
    default: !properties.isDefaultIgnorableCodePoint && self != "\u{2800}"  // The empty one of the Braille patterns.
    }
  }
}
