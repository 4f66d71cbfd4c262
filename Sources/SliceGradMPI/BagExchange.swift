import SliceGrad

/// A look-up of bags in a table whose rows ranks share: the bags go to the ranks that have rows of them, sums of these
/// rows come back, and later the gradients of the sums go to all ranks.
///
/// For t bags of this rank with n row numbers at other ranks, N ranks, and d columns of w bytes, this rank sends
/// (8 + 4 t) (N − 1) + 4 n bytes for the bags. For the sums it sends p d w bytes for each bag of other ranks, where p
/// is the number of whole subtrees that its classes of rows are, 1 if N is a power of 2. For the gradients it sends
/// t d w (N − 1) bytes.
struct BagExchange<Scalar: TensorScalar & MessageElement> {
  /// The bags of this rank.
  let own: RaggedIndices
  private let sharing: RowSharing
  /// How many bags each rank has.
  private let bagCounts: [Int]
  /// The bags of all ranks, rank by rank, with the places of those rows that are here.
  private let here: RaggedIndices

  /// Sends bags of row numbers `0..<v` to the ranks that have their rows.
  init(_ bags: RaggedIndices, _ sharing: RowSharing, _ world: Communicator) throws(CommunicatorError) {
    (own, self.sharing) = (bags, sharing)
    if world.count == 1 {
      (bagCounts, here) = ([bags.bagCount], bags)  // All rows are here, each at the place of its number.
      return
    }
    let blocks = bags.dealtOut(to: world.owners(of: sharing), count: world.count)
    let lengths = try world.allToAll(blocks.map(\.lengths))
    let numbers = try world.allToAll(
      Array(blocks.map(\.numbers).joined()), counts: blocks.map(\.numbers.count),
      receiving: lengths.map { $0.reduce(0) { $0 + Int($1) } })
    bagCounts = lengths.map(\.count)
    here = RaggedIndices(values: numbers.map(sharing.place), rowSplits: Array(lengths.joined()).splits)
  }

  /// The sum of the rows in each bag of this rank, `[t, d]`: the tree over the sums of their classes.
  func sums(_ table: Tensor<Scalar>, _ world: Communicator) throws(CommunicatorError) -> Tensor<Scalar> {
    let ofClasses = here.dealtOut(toClasses: sharing.classes.count).map { table.sums(ofRowsIn: $0) }
    let subtrees = TreeSum(ofClasses, from: sharing.classes.lowerBound, by: +=).nodes.map(\.sum!)
    if world.count == 1 { return subtrees[0] }
    // For each rank go the sums of its bags, by one subtree after the other.
    let (columns, bagCount) = (table.shape[1], own.bagCount)
    let out = subtrees.count == 1 ? subtrees[0] : subtrees.dealtOut(bagCounts, columns: columns)
    let places = (0..<world.count).map { TreePlace.covering(world.parts(of: sharing.classCount, onRank: $0)) }
    let received = try world.allToAll(
      out, counts: bagCounts.map { $0 * subtrees.count * columns },
      receiving: places.map { bagCount * $0.count * columns },
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
    return RowContribution(indices: here.values, splits: here.rowSplits, vectors: all)
  }
}

extension Communicator {
  /// The rank that has the rows of each class.
  func owners(of sharing: RowSharing) -> [Int] {
    (0..<count).flatMap { rank in [Int](repeating: rank, count: parts(of: sharing.classCount, onRank: rank).count) }
  }
}

extension Array {
  /// For each rank the rows of all tensors that belong to its bags.
  fileprivate func dealtOut<Scalar>(_ counts: [Int], columns: Int) -> Tensor<Scalar> where Element == Tensor<Scalar> {
    guard !isEmpty else { return Tensor(zeros: [0, columns]) }
    var first = 0
    return .concatenate(
      counts.flatMap { count in
        defer { first += count }
        return map { $0.slice(first..<first + count, axis: 0) }
      }, axis: 0)
  }
}

extension RaggedIndices {
  /// For each rank how many row numbers each bag has there, and these numbers, bag by bag.
  ///
  /// - Parameter owners: the rank that has the rows of each class; the number of classes is a power of 2.
  fileprivate func dealtOut(to owners: [Int], count: Int) -> [(lengths: [Int32], numbers: [Int32])] {
    let mask = Int32(owners.count - 1)
    var blocks = [(lengths: [Int32], numbers: [Int32])](
      repeating: ([Int32](repeating: 0, count: bagCount), []), count: count)
    for rank in 0..<count { blocks[rank].numbers.reserveCapacity(values.count / count) }
    for bag in 0..<bagCount {
      for row in values[Int(rowSplits[bag])..<Int(rowSplits[bag + 1])] {
        let rank = owners[Int(row & mask)]
        blocks[rank].lengths[bag] += 1
        blocks[rank].numbers.append(row)
      }
    }
    return blocks
  }

  /// The same number of bags for each of `count` classes, of which place p has class p mod `count`.
  fileprivate func dealtOut(toClasses count: Int) -> [RaggedIndices] {
    if count == 1 { return [self] }
    var classes = [(numbers: [Int32], splits: [Int32])](repeating: ([], [0]), count: count)
    for bag in 0..<bagCount {
      for place in values[Int(rowSplits[bag])..<Int(rowSplits[bag + 1])] {
        classes[Int(place) % count].numbers.append(place)
      }
      for number in 0..<count { classes[number].splits.append(Int32(classes[number].numbers.count)) }
    }
    return classes.map { RaggedIndices(values: $0.numbers, rowSplits: $0.splits) }
  }

  /// These bags and others after them.
  init(joining parts: [RaggedIndices]) {
    var splits: [Int32] = [0]
    for part in parts {
      let end = splits.last!
      splits += part.rowSplits.dropFirst().lazy.map { $0 + end }
    }
    self.init(values: Array(parts.map(\.values).joined()), rowSplits: splits)
  }
}

extension [Int32] {
  /// The boundaries of bags of these lengths.
  fileprivate var splits: [Int32] {
    var splits: [Int32] = [0]
    splits.reserveCapacity(count + 1)
    for length in self { splits.append(splits.last! + length) }
    return splits
  }
}
