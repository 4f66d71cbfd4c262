import SliceGradKernels

extension Threads {
  /// Calls the body for ranges `first..<end` of bags that together are all of them, possibly concurrently. What is
  /// computed must not depend on where the ranges begin and end, nor on their order.
  ///
  /// Bags are of different lengths. Long ones are a range each, and the longest come first: so no thread begins one when
  /// the others are done.
  ///
  /// - Parameters:
  ///   - splits: where the bags begin and end, `[bags + 1]`.
  ///   - operations: the cost of each position in a bag, in cheap operations.
  static func forEachRange(
    ofBags splits: [Int32], operations: Int, _ body: (_ first: Int, _ end: Int) -> Void
  ) {
    let count = splits.count - 1
    let operations = (Int(splits.last!) / max(count, 1) + 1) * operations
    guard operations >= worthwhile, threadCount() > 1 else {
      return forEachRange(of: count, operations: operations, body)
    }
    func length(_ bag: Int) -> Int32 { splits[bag + 1] - splits[bag] }
    let longestFirst = (0..<count).sorted { length($0) > length($1) }
    forEachRange(of: count, operations: operations) { first, end in
      for bag in longestFirst[first..<end] { body(bag, bag + 1) }
    }
  }
}
