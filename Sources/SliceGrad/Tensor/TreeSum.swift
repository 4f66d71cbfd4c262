/// Adds summands along one binary tree: part 0 and 1, 2 and 3, …, then the sums of two, ….
///
/// Floating-point addition isn't associative, (a + b) + c ≠ a + (b + c), so that the order has to be fixed for the sum
/// to have the same bits whoever adds. Summands come in the order of their places, and two that belong together are
/// added at once. A nil adds nothing; all nil add up to nil.
package struct TreeSum<Summand> {
  /// The sums so far: the largest whole subtrees of what has come.
  package private(set) var nodes: [(place: TreePlace, sum: Summand?)] = []

  private let add: (inout Summand, Summand) -> Void

  package init(by add: @escaping (_ left: inout Summand, _ right: Summand) -> Void) { self.add = add }

  /// The sums of parts that follow one another from number `first` on.
  @specialized(where Summand == Float)
  @specialized(where Summand == Tensor<Float>)
  package init(
    _ parts: [Summand?], from first: Int = 0, by add: @escaping (_ left: inout Summand, _ right: Summand) -> Void
  ) {
    self.init(by: add)
    for (i, part) in parts.enumerated() { append(part, at: TreePlace(level: 0, index: first + i)) }
  }

  /// Adds the next summand.
  @specialized(where Summand == Float)
  @specialized(where Summand == Tensor<Float>)
  package mutating func append(_ summand: Summand?, at place: TreePlace) {
    var (place, sum) = (place, summand)
    while nodes.last?.place.sibling == place {
      var left = nodes[nodes.count - 1].sum.take()  // The node lets go of it, so that it is added to in place.
      nodes.removeLast()
      if left == nil { left = sum } else if let sum { add(&left!, sum) }
      (place, sum) = (place.parent, left)
    }
    nodes.append((place, sum))
  }
}

/// A node of the binary tree over parts: its level, 0 for a part, and its number among those of its level. It covers
/// the parts `index << level ..< (index + 1) << level`.
package struct TreePlace: Equatable, Sendable {
  package let level: Int
  package let index: Int

  package init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  /// The parts below it.
  package var parts: Range<Int> { index << level..<(index + 1) << level }

  /// A left node's partner, of which the right one comes later; nil for a right one.
  fileprivate var sibling: TreePlace? { index.isMultiple(of: 2) ? TreePlace(level: level, index: index + 1) : nil }
  fileprivate var parent: TreePlace { TreePlace(level: level + 1, index: index / 2) }

  /// The largest whole subtrees that together are these parts, in order: of S parts in all, at most 2 log₂ S.
  package static func covering(_ parts: Range<Int>) -> [TreePlace] {
    var places: [TreePlace] = []
    var first = parts.lowerBound
    while first < parts.upperBound {
      let mostLevels = Int.bitWidth - 1 - (parts.upperBound - first).leadingZeroBitCount
      let level = min(first.trailingZeroBitCount, mostLevels)
      places.append(TreePlace(level: level, index: first >> level))
      first += 1 << level
    }
    return places
  }
}
