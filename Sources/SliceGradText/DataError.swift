/// A place in a file: a path and, where one is meant, a line counted from 1.
///
///     TextLocation(path: "train.tsv", line: 3).description   // "train.tsv:3"
public struct TextLocation: Sendable, Hashable, CustomStringConvertible {
  public var path: String
  public var line: Int?

  public init(path: String, line: Int? = nil) {
    self.path = path
    self.line = line
  }

  public var description: String {
    guard let line else { return path }
    return "\(path):\(line)"
  }
}

/// What is wrong with a file of data: where, what was found, and what was expected.
///
///     train.tsv:3: found no tab in “hello world”, expected label TAB text
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
  public let location: TextLocation
  public let found: String
  public let expected: String

  public init(at location: TextLocation, found: String, expected: String) {
    self.location = location
    self.found = found
    self.expected = expected
  }

  public var description: String {
    "\(location): found \(found), expected \(expected)"
  }
}

extension DataError {
  /// At most 40 Unicode scalars of `content` in quotation marks, those that cannot be seen escaped. O(1).
  static func quoted(_ content: some StringProtocol) -> String {
    let scalars = content.unicodeScalars
    let shown = scalars.prefix(longestQuotation)
    let isShortened = shown.endIndex < scalars.endIndex
    return "“" + shown.map(visible).joined() + (isShortened ? "…" : "") + "”"
  }

  private static let longestQuotation = 40

  /// The scalar itself, or its escape sequence (`\t`, `\u{202E}`) where it would not show or would disturb a terminal.
  private static func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
      scalar.escaped(asASCII: true)
    default:
      String(scalar)
    }
  }
}
