/// One example of text classification: a text, its label, and where they were read.
///
///     let example = LabeledText(label: "es", text: "¿Qué tal?")
///     print(example.label, example.text)  // es ¿Qué tal?
public struct LabeledText: Sendable, Hashable {
  /// What the text is, such as its language.
  public var label: String
  /// The text, as it is in the file.
  public var text: String
  /// The file and line from which the example comes; `nil` for one that was made in memory.
  public var location: TextLocation?

  /// An example.
  public init(label: String, text: String, location: TextLocation? = nil) {
    self.label = label
    self.text = text
    self.location = location
  }
}
