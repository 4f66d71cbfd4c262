/// The parts of a batch: training steps compute them on all threads, and add up what they yield in one fixed order.
///
///     let shards = [1, 2, 3, 4, 5].shards(4)
///     print(shards.parts, shards.counts)  // [[1], [2], [3], [4, 5]] [1, 1, 1, 2]
///
/// See `valueWithGradients(at:shards:on:_:)`.
public struct Shards<Part> {
  /// The parts, a power of 2 of them. They may be empty.
  public let parts: [Part]

  /// The number of examples in each part.
  public let counts: [Int]

  /// Parts of these numbers of examples. Traps unless there is a count of 0 or more for each part, and their number is
  /// a power of 2.
  public init(_ parts: [Part], counts: [Int]) {
    require(
      parts.count == counts.count && counts.allSatisfy { $0 >= 0 },
      "Shards: counts \(counts) for \(parts.count) parts, expected a number of 0 or more for each")
    require(
      parts.count.nonzeroBitCount == 1,
      "Shards: \(parts.count) parts, expected a power of 2, as they are added in pairs")
    (self.parts, self.counts) = (parts, counts)
  }

  /// The parts of a batch of `exampleCount` examples: of nearly equal size, and in the order of the examples. Traps
  /// unless `count` is a power of 2.
  ///
  ///     let (users, ratings) = (["ann", "bob", "eve"], [5, 3, 4])
  ///     print(Shards(2, of: 3) { part in (users[part], ratings[part]) }.counts)  // [1, 2]
  public init(_ count: Int, of exampleCount: Int, _ part: (_ examples: Range<Int>) -> Part) {
    let ranges = Self.ranges(count, of: exampleCount)
    self.init(ranges.map(part), counts: ranges.map(\.count))
  }

  /// The same, with `part` called by all threads.
  package init(copying count: Int, of exampleCount: Int, _ part: @Sendable (_ examples: Range<Int>) -> Part) {
    let ranges = Self.ranges(count, of: exampleCount)
    self.init(Threads.results(of: count) { part(ranges[$0]) }, counts: ranges.map(\.count))
  }

  private static func ranges(_ count: Int, of exampleCount: Int) -> [Range<Int>] {
    require(count > 0 && exampleCount >= 0, "Shards: \(exampleCount) examples in \(count) parts")
    return (0..<count).map { exampleCount * $0 / count..<exampleCount * ($0 + 1) / count }
  }

  /// The number of examples in all parts.
  public var exampleCount: Int { counts.reduce(0, +) }
}

extension Shards: Sendable where Part: Sendable {}

extension RandomAccessCollection {
  /// The elements in parts of nearly equal size, which may be empty. Traps unless their number is a power of 2.
  ///
  /// - Complexity: O(n).
  public func shards(_ count: Int) -> Shards<[Element]> {
    Shards(count, of: self.count) { part in
      Array(self[index(startIndex, offsetBy: part.lowerBound)..<index(startIndex, offsetBy: part.upperBound)])
    }
  }
}

extension RaggedIndices {
  /// The bags in parts of nearly equal size, which may be empty. Traps unless their number is a power of 2.
  ///
  /// - Complexity: O(bags + nnz).
  public func shards(_ count: Int) -> Shards<RaggedIndices> {
    Shards(copying: count, of: bagCount) { bags($0) }
  }

  /// The bags of these numbers. Traps on numbers out of range.
  package func bags(_ range: Range<Int>) -> RaggedIndices {
    let (first, end) = (rowSplits[range.lowerBound], rowSplits[range.upperBound])
    let positions = Int(first)..<Int(end)
    return RaggedIndices(
      checked: Array(values[positions]), rowSplits: rowSplits[range.lowerBound...range.upperBound].map { $0 - first },
      counts: counts.map { Array($0[positions]) })
  }
}
