import SliceGrad

/// A look-up of bags in a table whose rows ranks share: the bags go to the ranks that have rows of them, sums of these
/// rows come back, and later the gradients of the sums go to all ranks.
///
/// For t bags of this rank with n row numbers at other ranks, N ranks, and d columns of w bytes, this rank sends
/// (8 + 4 t) (N − 1) + 4 n bytes for the bags, and if they have counts 4 (N − 1) + 4 n more. For the sums it sends
/// p d w bytes for each bag of other ranks, where p is the number of whole subtrees that its classes of rows are, 1 if
/// N is a power of 2. For the gradients it sends t d w (N − 1) bytes.
struct BagExchange<Scalar: TensorScalar & MessageElement> {
  /// The bags of this rank.
  let own: RaggedIndices
  private let sharing: RowSharing
  /// How many bags each rank has.
  private let bagCounts: [Int]
  /// The bags of all ranks, rank by rank, with those row numbers that are here.
  private let here: RaggedIndices

  /// Sends bags of row numbers `0..<v` to the ranks that have their rows.
  init(_ bags: RaggedIndices, _ sharing: RowSharing, _ world: Communicator) throws(CommunicatorError) {
    (own, self.sharing) = (bags, sharing)
    if world.count == 1 {
      (bagCounts, here) = ([bags.bagCount], bags)
      return
    }
    let dealt = bags.dealtOut(to: world.count, by: world.owners(of: sharing))
    let blocks = try Self.exchange(dealt, world)
    bagCounts = blocks.map(\.bagCount)
    here = RaggedIndices(joining: blocks)
  }

  /// Sends each rank some bags, and returns those that come from each.
  private static func exchange(_ bags: [RaggedIndices], _ world: Communicator) throws(CommunicatorError)
    -> [RaggedIndices]
  {
    var ends = try world.allToAll(bags.map { ($0.counts == nil ? [] : [haveCounts]) + $0.rowSplits.dropFirst() })
    let areCounted = ends.map { $0.first == haveCounts }
    for rank in ends.indices where areCounted[rank] { ends[rank].removeFirst() }
    let numbers = bags.map { $0.values + ($0.counts ?? []) }
    let rowCounts = ends.map { Int($0.last ?? 0) }
    let received = try world.allToAll(
      numbers.flatMap(\.self), counts: numbers.map(\.count),
      receiving: zip(rowCounts, areCounted).map { $1 ? 2 * $0 : $0 })
    var first = 0
    func next(_ count: Int) -> [Int32] {
      defer { first += count }
      return Array(received[first..<first + count])
    }
    return ends.indices.map { rank in
      RaggedIndices(
        values: next(rowCounts[rank]), rowSplits: [0] + ends[rank],
        counts: areCounted[rank] ? next(rowCounts[rank]) : nil)
    }
  }

  /// What stands before the ends of bags if counts follow their row numbers.
  private static var haveCounts: Int32 { -1 }

  /// The sum of the rows in each bag of this rank, `[t, d]`: the tree over the sums of their classes.
  func sums(_ table: Tensor<Scalar>, _ world: Communicator) throws(CommunicatorError) -> Tensor<Scalar> {
    let classes = (0..<sharing.classCount).map { $0 - sharing.classes.lowerBound }
    let ofClasses = here.dealtOut(to: sharing.classes.count, by: classes).map { bags in
      table.sums(ofRowsIn: bags.replacingValues(by: sharing.places(of: bags.values)))
    }
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
    return RowContribution(here.replacingValues(by: sharing.places(of: here.values)), vectors: all)
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
  /// The same number of bags in each of `count` bins, with those of the row numbers that belong there, in their order,
  /// and their counts.
  ///
  /// - Parameter bins: the bin of each class of rows. The number of classes is a power of 2.
  fileprivate func dealtOut(to count: Int, by bins: [Int]) -> [RaggedIndices] {
    if count == 1 { return [self] }
    let mask = Int32(bins.count - 1)
    var sizes = [Int](repeating: 0, count: count)
    for row in values { sizes[bins[Int(row & mask)]] += 1 }
    // The bins follow one another, and so do the boundaries of their bags.
    let (starts, boundaryCount) = (sizes.firsts, bagCount + 1)
    var (next, splits) = (starts, [Int32](repeating: 0, count: count * boundaryCount))
    var places = [Int32](repeating: 0, count: values.count)  // of what is dealt out, bin by bin
    next.withUnsafeMutableBufferPointer { next in
      for bag in 0..<bagCount {
        for place in Int(rowSplits[bag])..<Int(rowSplits[bag + 1]) {
          let bin = bins[Int(values[place] & mask)]
          places[next[bin]] = Int32(place)
          next[bin] += 1
        }
        for bin in 0..<count { splits[bin * boundaryCount + bag + 1] = Int32(next[bin] - starts[bin]) }
      }
    }
    return (0..<count).map { bin in
      func dealt(_ list: [Int32]) -> [Int32] { places[starts[bin]..<next[bin]].map { list[Int($0)] } }
      return RaggedIndices(
        values: dealt(values), rowSplits: Array(splits[bin * boundaryCount..<(bin + 1) * boundaryCount]),
        counts: counts.map(dealt))
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
