extension Array {
  /// The elements of all lists, one list after another, in memory for just as many.
  init(joining lists: [[Element]]) {
    self.init()
    reserveCapacity(lists.reduce(0) { $0 + $1.count })
    for list in lists { self += list }
  }
}

extension [Int] {
  /// The boundaries of all lists of bags, one list after another: each begins with 0, and they move along.
  init(joiningSplits lists: [[Int]]) {
    self = [0]
    reserveCapacity(1 + lists.reduce(0) { $0 + $1.count - 1 })
    for splits in lists {
      let start = last!
      self += splits.dropFirst().lazy.map { start + $0 }
    }
  }
}
