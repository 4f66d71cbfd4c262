/// One example of text classification: a text, its label, and where they were read.
///
///     LabeledText(label: "es", text: "¿Qué tal?")
public struct LabeledText: Sendable, Hashable {
  public var label: String
  public var text: String
  /// The file and line the example comes from; `nil` for one that was made in memory.
  public var location: TextLocation?

  public init(label: String, text: String, location: TextLocation? = nil) {
    self.label = label
    self.text = text
    self.location = location
  }
}
