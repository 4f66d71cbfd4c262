public import SliceGrad

extension Communicator {
  /// The parts that this rank has: `rank · total / count ..< (rank + 1) · total / count`. There are none on some ranks
  /// if there are more ranks than parts.
  public func parts(of total: Int) -> Range<Int> { Self.parts(of: total, rank: rank, count: count) }

  private static func parts(of total: Int, rank: Int, count: Int) -> Range<Int> {
    rank * total / count..<(rank + 1) * total / count
  }

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
    var tree = TreeSum<Scalar>()
    for (part, array) in zip(own, parts) { tree.add(array, at: TreePlace(level: 0, index: part)) }
    return try sum(subtrees: tree.nodes.map(\.sum), of: total, length: length)
  }

  /// The same if a rank's parts are added up already: to one array for each of the places that cover them.
  package func sum<Scalar: TensorScalar & MessageElement>(
    subtrees: [[Scalar]], of total: Int, length: Int
  ) throws(CommunicatorError) -> [Scalar] {
    require(total > 0 && total & (total - 1) == 0, "sum: \(total) parts, not a power of two")
    let places = (0..<count).map { TreePlace.covering(Self.parts(of: total, rank: $0, count: count)) }
    require(
      subtrees.count == places[rank].count && subtrees.allSatisfy { $0.count == length },
      "sum: subtrees of \(subtrees.map(\.count)) elements, expected \(places[rank].count) of \(length)")
    if count == 1 { return subtrees[0] }
    if count == 2 || length * MemoryLayout<Scalar>.size <= 16 << 10 {
      let all = try allGather(Array(subtrees.joined()), counts: places.map { $0.count * length })
      return Self.sum(all, of: length, at: places)
    }
    let slices = (0..<count).map { $0 * length / count..<($0 + 1) * length / count }
    let size = slices[rank].count
    let received = try allToAll(
      slices.flatMap { slice in subtrees.flatMap { $0[slice] } }, counts: slices.map { $0.count * subtrees.count },
      receiving: places.map { $0.count * size })
    return try allGather(Self.sum(received, of: size, at: places), counts: slices.map(\.count))
  }

  /// The sum of all ranks' subtrees, arrays that follow one another.
  private static func sum<Scalar: TensorScalar>(
    _ arrays: [Scalar], of length: Int, at places: [[TreePlace]]
  ) -> [Scalar] {
    var tree = TreeSum<Scalar>()
    for (number, place) in places.joined().enumerated() {
      tree.add(Array(arrays[number * length..<(number + 1) * length]), at: place)
    }
    return tree.nodes[0].sum
  }
}
