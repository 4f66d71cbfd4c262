import SliceGrad

/// A look-up of bags in a table whose rows ranks share: the bags go to the ranks that have rows of them, sums of these
/// rows come back, and later the gradients of the sums go to all ranks.
///
/// For t bags of this rank with n row numbers at other ranks, N ranks, and d columns of w bytes, this rank sends
/// (24 + 4 t) (N − 1) + 4 n bytes for the bags, and 4 n more if they have counts. For the sums it sends p d w bytes for
/// each bag of other ranks, where p is the number of whole subtrees that its classes of rows are, 1 if N is a power of
/// 2. For the gradients it sends t d w (N − 1) bytes.
struct BagExchange<Scalar: TensorScalar & MessageElement> {
  private let sharing: RowSharing
  /// How many bags each rank has.
  private let bagCounts: [Int]
  /// The bags of all ranks, rank by rank, with those row numbers that are here.
  private let here: RaggedIndices
  /// Their counts as factors.
  private let factors: Tensor<Scalar>?

  /// Sends the bags of this rank's parts, of row numbers `0..<v`, to the ranks that have their rows.
  init(_ parts: [RaggedIndices], _ sharing: RowSharing, _ world: Communicator) throws(CommunicatorError) {
    self.sharing = sharing
    if world.count == 1 {
      here = RaggedIndices(joining: parts)
      bagCounts = [here.bagCount]
    } else {
      let out = DealtBags(parts, to: world.count, by: world.owners(of: sharing))
      let heads = try Self.exchange(out.heads, world)
      let message = try world.allToAll(
        out.message, counts: out.heads.map(\.length), receiving: heads.map(\.length))
      (bagCounts, here) = (heads.map(\.bagCount), RaggedIndices(message, heads: heads))
    }
    factors = here.factors()
  }

  /// Tells each rank what it has to know of the bags that it will get: how many they are, as `~` of it if there are
  /// counts, and how many row numbers they have.
  private static func exchange(
    _ heads: [DealtBags.Head], _ world: Communicator
  ) throws(CommunicatorError) -> [DealtBags.Head] {
    let numbers = heads.map { ($0.areCounted ? ~$0.bagCount : $0.bagCount, $0.rowCount) }
    return try world.announce(numbers).map { bagCount, rowCount in
      DealtBags.Head(
        bagCount: bagCount < 0 ? ~bagCount : bagCount, rowCount: rowCount, areCounted: bagCount < 0)
    }
  }

  /// The sum of the rows in each bag of this rank, `[t, d]`: the tree over the sums of their classes.
  func sums(_ table: Tensor<Scalar>, _ world: Communicator) throws(CommunicatorError) -> Tensor<Scalar> {
    let subtrees = sharing.sums(ofRowsIn: here, factors: factors, of: table)
    if world.count == 1 { return subtrees }
    // For each rank go the sums of its bags, by one subtree after the other.
    let (columns, bagCount) = (table.shape[1], bagCounts[world.rank])
    let places = (0..<world.count).map { TreePlace.covering(world.parts(of: sharing.classCount, onRank: $0)) }
    let subtreeCount = places[world.rank].count
    let received = try world.allToAll(
      subtreeCount > 1 ? subtrees.dealtOut(bagCounts, subtreeCount: subtreeCount) : subtrees,
      counts: bagCounts.map { $0 * subtreeCount * columns }, receiving: places.map { bagCount * $0.count * columns },
      shape: [places.reduce(0) { $0 + $1.count } * bagCount, columns])
    var tree = TreeSum<Tensor<Scalar>>(by: +=)
    for (number, place) in places.joined().enumerated() {
      tree.append(received.slice(number * bagCount..<(number + 1) * bagCount, axis: 0), at: place)
    }
    return tree.nodes[0].sum!
  }

  /// What all bags contribute to the rows that are here, given the gradients `[t, d]` of this rank's sums.
  func contribution(_ gradients: Tensor<Scalar>, _ world: Communicator) throws(CommunicatorError)
    -> RowContribution<Scalar>
  {
    let columns = gradients.shape[1]
    let all = try world.allGather(gradients, counts: bagCounts.map { $0 * columns }, shape: [here.bagCount, columns])
    return RowContribution(here.replacingValues(by: sharing.places(of: here.values)), factors: factors, vectors: all)
  }
}

extension Communicator {
  /// The rank that has the rows of each class.
  func owners(of sharing: RowSharing) -> [Int] {
    (0..<count).flatMap { rank in [Int](repeating: rank, count: parts(of: sharing.classCount, onRank: rank).count) }
  }
}

extension Tensor {
  /// For each rank those of the subtrees' sums that belong to its bags. There are `counts` bags of each rank.
  fileprivate func dealtOut(_ counts: [Int], subtreeCount: Int) -> Tensor {
    let bagCount = counts.reduce(0, +)
    return .concatenate(
      zip(counts, counts.firsts).flatMap { count, first in
        (0..<subtreeCount).map { slice($0 * bagCount + first..<$0 * bagCount + first + count, axis: 0) }
      }, axis: 0)
  }
}
