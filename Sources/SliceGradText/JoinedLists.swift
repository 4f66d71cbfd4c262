extension Array {
  /// The elements of all lists, one list after another. The array has no room for more.
  init(joining lists: [[Element]]) {
    self.init()
    reserveCapacity(lists.reduce(0) { $0 + $1.count })
    for list in lists { self += list }
  }
}

extension [Int] {
  /// Where bags begin and end in several lists, each of which begins with 0: where they do in one list after another.
  init(joiningSplits lists: [[Int]]) {
    self = [0]
    reserveCapacity(1 + lists.reduce(0) { $0 + $1.count - 1 })
    for splits in lists {
      let start = last!
      self += splits.dropFirst().lazy.map { start + $0 }
    }
  }
}
