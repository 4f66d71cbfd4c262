/// What is wrong with a file of tensors: which file, which tensor if it is about one, what was found and what was
/// expected.
///
///     names.safetensors: tensor “output.bias”: found shape [3], expected [4]
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  public let path: String
  public let tensor: String?
  public let found: String
  public let expected: String

  public init(path: String, tensor: String? = nil, found: String, expected: String) {
    self.path = path
    self.tensor = tensor
    self.found = found
    self.expected = expected
  }

  public var description: String {
    let place = tensor.map { "\(path): tensor \(Self.quoted($0))" } ?? path
    return "\(place): found \(found), expected \(expected)"
  }
}

extension CheckpointError {
  /// At most 60 Unicode scalars of a name in quotation marks, all but ASCII's visible ones escaped: it may come from a
  /// damaged file.
  static func quoted(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(60)
    let escaped = shown.map { $0 == "\"" || $0 == "'" ? String($0) : $0.escaped(asASCII: true) }.joined()
    return "“" + escaped + (shown.endIndex < name.unicodeScalars.endIndex ? "…" : "") + "”"
  }

  /// The first 5 of some names, quoted.
  static func quoted(_ names: [String]) -> String {
    names.prefix(5).map(quoted).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) others" : "")
  }
}
