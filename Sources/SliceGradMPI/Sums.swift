public import SliceGrad

extension Communicator {
  /// The parts that this rank has: `rank · total / count ..< (rank + 1) · total / count`. There are none on some ranks
  /// if there are more ranks than parts.
  public func parts(of total: Int) -> Range<Int> { parts(of: total, onRank: rank) }

  /// Those that another rank has.
  func parts(of total: Int, onRank rank: Int) -> Range<Int> { rank * total / count..<(rank + 1) * total / count }

  /// The sum of `total` arrays, which has the same bits for any number of ranks.
  ///
  ///     let sums = try Communicator.threads(3) { ranks in
  ///       try ranks.sum(ranks.parts(of: 8).map { part in [Float(part)] }, of: 8, length: 1)
  ///     }
  ///     print(sums)  // [[28.0], [28.0], [28.0]]
  ///
  /// They are added along the binary tree over parts 0 to `total` − 1, wherever they are; MPI's own sum leaves the
  /// order open. A rank first adds up its parts, as far as they are whole subtrees: to one, if the number of ranks is a
  /// power of two.
  ///
  /// A rank with s subtrees of n elements of w bytes sends (N − 1) s n w bytes if there are 2 ranks or if n w ≤ 16 KiB,
  /// by one all-gather. Otherwise each adds up a slice of all arrays, m = ⌊(rank + 1) n / N⌋ − ⌊rank n / N⌋ elements:
  /// they come by all-to-all, the sums go by all-gather, and it sends (s (n − m) + (N − 1) m) w bytes.
  ///
  /// - Parameters:
  ///   - parts: the arrays of ``parts(of:)``, in order.
  ///   - total: how many arrays there are on all ranks together: a power of two.
  ///   - length: of each array.
  /// - Complexity: O((`parts.count` + log `total`) · `length`) and the exchange.
  public func sum<Scalar: TensorScalar & MessageElement>(
    _ parts: [[Scalar]], of total: Int, length: Int
  ) throws(CommunicatorError) -> [Scalar] {
    let own = self.parts(of: total)
    require(parts.count == own.count, "sum: \(parts.count) parts on rank \(rank) of \(count), expected \(own.count)")
    let subtrees = TreeSum(parts, from: own.lowerBound, by: addElements).nodes.map(\.sum!)
    return try sum(ofSubtrees: subtrees, length: length, isPresent: [Bool](repeating: true, count: total))
  }

  /// The same if this rank's parts are added up already, as far as they are whole subtrees, and if some parts add
  /// nothing, which all ranks know: there are no arrays of subtrees of only these. There is a part that adds something.
  @specialized(where Scalar == Float)
  func sum<Scalar: TensorScalar & MessageElement>(
    ofSubtrees subtrees: [[Scalar]], length: Int, isPresent: [Bool]
  ) throws(CommunicatorError) -> [Scalar] {
    let total = isPresent.count
    require(total.nonzeroBitCount == 1, "sum: \(total) parts, not a power of two")
    let places = (0..<count).map { rank in
      TreePlace.covering(self.parts(of: total, onRank: rank)).map { place in
        (place: place, isPresent: isPresent[place.parts].contains(true))
      }
    }
    require(
      subtrees.allSatisfy { $0.count == length },
      "sum: subtrees of \(subtrees.map(\.count)) elements, expected \(length)")
    if count == 1 { return subtrees[0] }
    let subtreeCounts = places.map { $0.count(where: \.isPresent) }
    if count == 2 || length * MemoryLayout<Scalar>.size <= 16 << 10 {
      let all = try allGather(subtrees.flatMap(\.self), counts: subtreeCounts.map { $0 * length })
      return Self.sum(all, of: length, at: places.joined())
    }
    let slices = (0..<count).map { $0 * length / count..<($0 + 1) * length / count }
    let size = slices[rank].count
    let received = try allToAll(
      slices.flatMap { slice in subtrees.flatMap { $0[slice] } }, counts: slices.map { $0.count * subtrees.count },
      receiving: subtreeCounts.map { $0 * size })
    return try allGather(Self.sum(received, of: size, at: places.joined()), counts: slices.map(\.count))
  }

  /// The sum of all ranks' subtrees, arrays that follow one another.
  private static func sum<Scalar: TensorScalar>(
    _ arrays: [Scalar], of length: Int, at places: some Sequence<(place: TreePlace, isPresent: Bool)>
  ) -> [Scalar] {
    var (tree, first) = (TreeSum<[Scalar]>(by: addElements), 0)
    for (place, isPresent) in places {
      tree.append(isPresent ? Array(arrays[first..<first + length]) : nil, at: place)
      if isPresent { first += length }
    }
    return tree.nodes[0].sum!
  }
}

/// Adds an array to another one of the same length, element by element.
private func addElements<Scalar: TensorScalar>(_ left: inout [Scalar], _ right: [Scalar]) {
  require(left.count == right.count, "sum: arrays of \(left.count) and \(right.count) elements")
  left.withUnsafeMutableBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      guard let left = left.baseAddress, let rightStart = right.baseAddress else { return }
      Scalar.Kernels.addScaled(1, rightStart, 1, left, 0, right.count)  // left += 1 · right
    }
  }
}
