import SliceGrad

/// A look-up of bags in a table whose rows ranks share: the bags go to the ranks that have rows of them, sums of these
/// rows come back, and later the gradients of the sums go to all ranks.
///
/// For t bags of this rank with n row numbers at other ranks, N ranks, and d columns of w bytes, this rank sends
/// (8 + 4 t) (N − 1) + 4 n bytes for the bags, and 4 n more if they have counts. For the sums it sends p d w bytes for
/// each bag of other ranks, where p is the number of whole subtrees that its classes of rows are, 1 if N is a power of
/// 2. For the gradients it sends t d w (N − 1) bytes.
struct BagExchange<Scalar: TensorScalar & MessageElement> {
  /// The bags of this rank.
  let own: RaggedIndices
  private let sharing: RowSharing
  /// How many bags each rank has.
  private let bagCounts: [Int]
  /// The bags of all ranks, rank by rank, with those row numbers that are here.
  private let here: RaggedIndices
  /// Their counts as factors.
  private let factors: Tensor<Scalar>?

  /// Sends bags of row numbers `0..<v` to the ranks that have their rows.
  init(_ bags: RaggedIndices, _ sharing: RowSharing, _ world: Communicator) throws(CommunicatorError) {
    (own, self.sharing) = (bags, sharing)
    if world.count == 1 {
      (bagCounts, here) = ([bags.bagCount], bags)
    } else {
      let blocks = try Self.exchange(bags.dealtOut(to: world.count, by: world.owners(of: sharing)), world)
      (bagCounts, here) = (blocks.map(\.bagCount), RaggedIndices(joining: blocks))
    }
    factors = here.factors()
  }

  /// Sends each rank some bags, and returns those that come from each.
  private static func exchange(_ bags: [RaggedIndices], _ world: Communicator) throws(CommunicatorError)
    -> [RaggedIndices]
  {
    let twoEach = [Int](repeating: 2, count: world.count)
    let heads = try world.allToAll(bags.flatMap(\.head), counts: twoEach, receiving: twoEach)
    let messages = bags.map { $0.rowSplits.dropFirst() + $0.values + ($0.counts ?? []) }
    func head(of rank: Int) -> (bagCount: Int, rowCount: Int, areCounted: Bool) {
      let (bags, rows) = (heads[2 * rank], heads[2 * rank + 1])
      return (Int(bags < 0 ? ~bags : bags), Int(rows), bags < 0)
    }
    let received = try world.allToAll(
      messages.flatMap(\.self), counts: messages.map(\.count),
      receiving: (0..<world.count).map { rank in
        let head = head(of: rank)
        return head.bagCount + (head.areCounted ? 2 : 1) * head.rowCount
      })
    var first = 0
    func next(_ count: Int) -> ArraySlice<Int32> {
      defer { first += count }
      return received[first..<first + count]
    }
    return (0..<world.count).map { rank in
      let head = head(of: rank)
      let splits = [0] + next(head.bagCount)
      return RaggedIndices(
        values: Array(next(head.rowCount)), rowSplits: splits,
        counts: head.areCounted ? Array(next(head.rowCount)) : nil)
    }
  }

  /// The sum of the rows in each bag of this rank, `[t, d]`: the tree over the sums of their classes.
  func sums(_ table: Tensor<Scalar>, _ world: Communicator) throws(CommunicatorError) -> Tensor<Scalar> {
    let subtrees = sharing.sums(ofRowsIn: here, factors: factors, of: table)
    if world.count == 1 { return subtrees }
    // For each rank go the sums of its bags, by one subtree after the other.
    let (columns, bagCount) = (table.shape[1], own.bagCount)
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

extension RaggedIndices {
  /// The number of bags, as `~` of it if there are counts, and that of row numbers.
  fileprivate var head: [Int32] { [counts == nil ? Int32(bagCount) : ~Int32(bagCount), Int32(values.count)] }

  /// The same number of bags for each of `count` ranks, with those of the row numbers whose rows it has, in their
  /// order, and their counts.
  ///
  /// - Parameter owners: the rank that has each class of rows. The number of classes is a power of 2.
  fileprivate func dealtOut(to count: Int, by owners: [Int]) -> [RaggedIndices] {
    let mask = Int32(owners.count - 1)
    let ranks = values.map { Int32(truncatingIfNeeded: owners[Int($0 & mask)]) }
    var sizes = [Int](repeating: 0, count: count)
    for rank in ranks { sizes[Int(rank)] += 1 }
    // The positions for one rank follow those for another.
    let starts = sizes.firsts
    var (next, splits) = (starts, [[Int32]](repeating: [0], count: count))
    let positions = [Int32](unsafeUninitializedCapacity: values.count) { positions, positionCount in
      for bag in 0..<bagCount {
        for position in Int(rowSplits[bag])..<Int(rowSplits[bag + 1]) {
          let rank = Int(ranks[position])
          positions[next[rank]] = Int32(position)
          next[rank] += 1
        }
        for rank in 0..<count { splits[rank].append(Int32(next[rank] - starts[rank])) }
      }
      positionCount = values.count
    }
    return (0..<count).map { rank in
      func dealt(_ list: [Int32]) -> [Int32] { positions[starts[rank]..<next[rank]].map { list[Int($0)] } }
      return RaggedIndices(values: dealt(values), rowSplits: splits[rank], counts: counts.map(dealt))
    }
  }

  /// These bags and others after them. If any have counts, so do all.
  init(joining parts: [RaggedIndices]) {
    var splits: [Int32] = [0]
    splits.reserveCapacity(1 + parts.reduce(0) { $0 + $1.bagCount })
    for part in parts {
      let first = splits.last!
      splits += part.rowSplits.dropFirst().lazy.map { first + $0 }
    }
    let areCounted = parts.contains { $0.counts != nil }
    self.init(
      values: parts.flatMap(\.values), rowSplits: splits,
      counts: areCounted ? parts.flatMap { $0.counts ?? Array(repeating: 1, count: $0.values.count) } : nil)
  }
}
