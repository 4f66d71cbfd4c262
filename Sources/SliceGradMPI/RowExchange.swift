import SliceGrad

/// Look-ups of rows in a table whose rows ranks share: the distinct rows of each part go to its rank, and what the part
/// contributes to them goes back.
///
/// For u distinct rows of this rank's parts that other ranks have, u′ rows here that other ranks' parts want, and d
/// columns of w bytes, this rank sends 24 (N − 1) + 4 u bytes for the row numbers and d w u′ for the rows. On the way
/// back it sends a byte for each of the u rows, and d w bytes for those that have a gradient.
struct RowExchange<Scalar: TensorScalar & MessageElement> {
  /// The distinct rows of each part of this rank, in ascending order.
  private let numbers: [[Int32]]
  /// For each of `numbers` its place among all rows that come, those of rank 0 first.
  private let arrivals: [[Int32]]
  private let columns: Int
  /// For each rank the places here of the rows that its parts want, part by part.
  private let wanted: [[Int32]]
  /// How many rows this rank wants of each.
  private let counts: [Int]

  /// Sends the row numbers to the ranks that have the rows.
  init(
    _ parts: [[Int32]], _ sharing: RowSharing, columns: Int, _ world: Communicator
  ) throws(CommunicatorError) {
    let ownerOfClass = world.owners(of: sharing)
    let numbers = parts.map { $0.sortedDistinct }
    let owners = numbers.map { $0.map { ownerOfClass[sharing.rowClass(of: $0)] } }
    var blocks = [[Int32]](repeating: [], count: world.count)
    for (numbers, owners) in zip(numbers, owners) {
      for (row, owner) in zip(numbers, owners) { blocks[owner].append(row) }
    }
    (self.numbers, self.columns, counts) = (numbers, columns, blocks.map(\.count))
    var next = counts.firsts
    arrivals = owners.map { owners in
      owners.map { owner in
        defer { next[owner] += 1 }
        return Int32(next[owner])
      }
    }
    wanted = try world.allToAll(blocks).map(sharing.places)
  }

  /// The rows of each part, with their numbers.
  func rows(
    of table: Tensor<Scalar>, _ world: Communicator
  ) throws(CommunicatorError) -> [(numbers: [Int32], rows: Tensor<Scalar>)] {
    let places = wanted.flatMap(\.self)
    let out = table.gatheringRows(places, shape: [places.count, columns])
    let received = try world.allToAll(
      out, counts: wanted.map { $0.count * columns }, receiving: counts.map { $0 * columns },
      shape: [counts.reduce(0, +), columns])
    return zip(numbers, arrivals).map { numbers, arrivals in
      (numbers, received.gatheringRows(arrivals, shape: [numbers.count, columns]))
    }
  }

  /// What the parts of all ranks contribute to the rows that are here, given the sums of each part of this rank: slices
  /// whose row numbers are places among its `numbers`, each once.
  func contribution(
    _ parts: [IndexedSlices<Scalar>?], _ world: Communicator
  ) throws(CommunicatorError) -> RowContribution<Scalar> {
    // For each row that this rank wanted, in the order in which the rows came: its place among all parts' sums.
    var sumPlaces = [Int32](repeating: -1, count: counts.reduce(0, +))
    var sumCount: Int32 = 0
    for (part, arrivals) in zip(parts, arrivals) {
      for row in part?.indices ?? [] {
        sumPlaces[Int(arrivals[Int(row)])] = sumCount
        sumCount += 1
      }
    }
    let flags = try world.allToAll(
      sumPlaces.map { $0 < 0 ? 0 : 1 as UInt8 }, counts: counts, receiving: wanted.map(\.count))
    let used = sumPlaces.filter { $0 >= 0 }
    let none = Tensor<Scalar>(zeros: [0, columns])
    let sums = Tensor.concatenate([none] + parts.compactMap { $0?.values }, axis: 0)
    let wantedSums = wanted.map(\.count).counts { flags[$0] == 1 }
    let received = try world.allToAll(
      sums.gatheringRows(used, shape: [used.count, columns]),
      counts: counts.counts { sumPlaces[$0] >= 0 }.map { $0 * columns },
      receiving: wantedSums.map { $0 * columns }, shape: [wantedSums.reduce(0, +), columns])
    let rows = zip(wanted.flatMap(\.self), flags).lazy.filter { $1 == 1 }.map(\.0)
    return RowContribution(indices: Array(rows), vectors: received)
  }
}

extension [Int] {
  /// Where each of blocks of these lengths begins.
  var firsts: [Int] {
    var first = 0
    return map { count in
      defer { first += count }
      return first
    }
  }

  /// How many members of each of blocks of these lengths there are, given which of all have to be counted.
  fileprivate func counts(where isMember: (Int) -> Bool) -> [Int] {
    zip(firsts, self).map { first, count in (first..<first + count).count(where: isMember) }
  }
}

extension [Int32] {
  fileprivate var sortedDistinct: [Int32] {
    var (distinct, last): ([Int32], Int32?) = ([], nil)
    for row in sorted() where row != last {
      distinct.append(row)
      last = row
    }
    return distinct
  }
}
