extension String {
  /// A noun with its number before it: “1 text”, “2 texts”.
  package func counted(_ count: Int) -> String { "\(count) \(self)\(count == 1 ? "" : "s")" }
}
