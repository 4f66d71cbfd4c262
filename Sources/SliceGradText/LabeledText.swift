/// One example of text classification: a text, its label or labels, and where they were read.
///
///     let example = LabeledText(label: "es", text: "¿Qué tal?")
///     print(example.label, example.text)  // es ¿Qué tal?
///     print(LabeledText(label: "poem", otherLabels: ["sad"], text: "Nevermore").labels)  // ["poem", "sad"]
public struct LabeledText: Sendable, Hashable {
  /// What the text is, such as its language. Of several labels, the first.
  public var label: String
  /// What else it is, if it has several labels.
  public var otherLabels: [String]
  /// The text, as it is in the file.
  public var text: String
  /// The file and line from which the example comes; `nil` for one that was made in memory.
  public var location: TextLocation?

  /// An example.
  public init(label: String, otherLabels: [String] = [], text: String, location: TextLocation? = nil) {
    self.label = label
    self.otherLabels = otherLabels
    self.text = text
    self.location = location
  }

  /// All its labels, one at least.
  public var labels: [String] { [label] + otherLabels }
}
