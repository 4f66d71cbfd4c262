/// Names, numbered from 0 in the order in which they first appear: the rows of a table.
package struct Numbering {
  package private(set) var names: [String] = []
  package private(set) var numbers: [String: Int32] = [:]

  package init() {}

  package mutating func number(of name: String) -> Int32 {
    if let number = numbers[name] { return number }
    let number = Int32(names.count)
    names.append(name)
    numbers[name] = number
    return number
  }
}
