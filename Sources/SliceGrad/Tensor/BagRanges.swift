import SliceGradKernels

extension Threads {
  /// Calls the body for ranges `first..<end` of bags that together are all of them, possibly concurrently. What is
  /// computed must not depend on where the ranges begin and end, nor on their order.
  ///
  /// Bags are of different lengths. A range is as many as are worth handing out, or one long bag. The longest ranges
  /// come first, so that no thread begins one when the others are done.
  ///
  /// - Parameters:
  ///   - splits: where the bags begin and end, `[bags + 1]`.
  ///   - operations: the cost of each position in a bag, in cheap operations.
  static func forEachRange(
    ofBags splits: [Int32], operations: Int, _ body: (_ first: Int, _ end: Int) -> Void
  ) {
    let count = splits.count - 1
    func costBefore(_ bag: Int) -> Int { operations * (Int(splits[bag]) + bag) }  // An empty bag costs something too.
    guard costBefore(count) > worthwhile, threadCount() > 1 else { return body(0, count) }

    var bounds = [0]
    for end in 1...count where end == count || costBefore(end) - costBefore(bounds.last!) >= worthwhile {
      bounds.append(end)
    }
    func cost(_ range: Int) -> Int { costBefore(bounds[range + 1]) - costBefore(bounds[range]) }
    let longestFirst = (0..<bounds.count - 1).sorted { cost($0) > cost($1) }
    forEachRange(of: longestFirst.count, operations: worthwhile) { first, end in
      for range in longestFirst[first..<end] { body(bounds[range], bounds[range + 1]) }
    }
  }
}
