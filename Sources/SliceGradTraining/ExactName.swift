/// A name that is the same as another one only if its bytes are: “é” of one Unicode scalar and “é” of two are different
/// names, though Swift's strings are equal.
struct ExactName: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactName, right: ExactName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension Sequence<String> {
  /// Whether none of the names stands twice.
  var areDifferent: Bool {
    var seen = Set<ExactName>(minimumCapacity: underestimatedCount)
    return allSatisfy { seen.insert(ExactName($0)).inserted }
  }
}
