import SliceGrad

/// Adds arrays of equal length along one binary tree: part 0 and 1, 2 and 3, …, then the sums of two, ….
///
/// Floating-point addition isn't associative, (a + b) + c ≠ a + (b + c), so that the order has to be fixed for the sum
/// to have the same bits whoever adds. Arrays come in the order of their places, and two that belong together are added
/// at once.
struct TreeSum<Scalar: TensorScalar> {
  /// The sums so far: the largest whole subtrees of what has come.
  private(set) var nodes: [(place: TreePlace, sum: [Scalar])] = []

  /// Adds the next array. Traps unless it is as long as those before.
  mutating func add(_ array: [Scalar], at place: TreePlace) {
    var (place, sum) = (place, array)
    while let left = nodes.last, left.place.sibling == place {
      nodes.removeLast()
      (place, sum) = (place.parent, Self.sum(left.sum, sum))
    }
    nodes.append((place, sum))
  }

  private static func sum(_ left: consuming [Scalar], _ right: [Scalar]) -> [Scalar] {
    require(left.count == right.count, "sum: arrays of \(left.count) and \(right.count) elements")
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        guard let left = left.baseAddress, let rightStart = right.baseAddress else { return }
        Scalar.Kernels.addScaled(1, rightStart, 1, left, 0, right.count)  // left += 1 · right
      }
    }
    return left
  }
}

/// A node of the binary tree over parts: its level, 0 for a part, and its number among those of its level. It covers
/// the parts `index << level ..< (index + 1) << level`.
struct TreePlace: Equatable {
  let level: Int
  let index: Int

  var sibling: TreePlace { TreePlace(level: level, index: index ^ 1) }
  var parent: TreePlace { TreePlace(level: level + 1, index: index / 2) }

  /// The largest whole subtrees that together are these parts, in order: of S parts in all, at most 2 log₂ S.
  static func covering(_ parts: Range<Int>) -> [TreePlace] {
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
