import SliceGradText

/// Names, numbered from 0 in the order in which they first appear: the rows of a table. Names are the same if their
/// Unicode scalars are.
package struct Numbering {
  package private(set) var names: [String] = []
  private var numbers: [Spelling: Int32] = [:]

  package init() {}

  /// The number of a name, which is the next one if the name is new.
  package mutating func number(of name: String) -> Int32 {
    if let number = knownNumber(of: name) { return number }
    let number = Int32(names.count)
    names.append(name)
    numbers[Spelling(name)] = number
    return number
  }

  /// The number of a name, if it has one.
  package func knownNumber(of name: String) -> Int32? { numbers[Spelling(name)] }
}
