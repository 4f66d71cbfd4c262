import SliceGrad

/// Look-ups of rows in a table whose rows ranks share: the distinct rows of each part go to its rank, and what the part
/// contributes to them goes back.
///
/// For u distinct rows of this rank's parts that other ranks have, u′ rows here that other ranks' parts want, and d
/// columns of w bytes, this rank sends 8 (N − 1) + 4 u bytes for the row numbers and d w u′ for the rows. On the way
/// back it sends a byte for each of the u rows, and d w bytes for those that have a gradient.
struct RowExchange<Scalar: TensorScalar & MessageElement> {
  /// The distinct rows of each part of this rank, in ascending order.
  private let numbers: [[Int32]]
  /// The rank that has each of `numbers`.
  private let owners: [[Int]]
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
    (self.numbers, self.owners, self.columns, counts) = (numbers, owners, columns, blocks.map(\.count))
    wanted = (world.count == 1 ? blocks : try world.allToAll(blocks)).map { $0.map(sharing.place) }
  }

  /// The rows of each part, with their numbers.
  func rows(
    of table: Tensor<Scalar>, _ world: Communicator
  ) throws(CommunicatorError) -> [(numbers: [Int32], rows: Tensor<Scalar>)] {
    let places = Array(wanted.joined())
    let out = table.gatheringRows(places, shape: [places.count, columns])
    let received =
      world.count == 1
      ? Array(out.elements)
      : try world.allToAll(
        Array(out.elements), counts: wanted.map { $0.count * columns }, receiving: counts.map { $0 * columns })
    var next = counts.firsts.map { $0 * columns }  // of each rank's rows, the next one
    return zip(numbers, owners).map { numbers, owners in
      let rows = Tensor<Scalar>(shape: [numbers.count, columns]) { rows in
        received.withUnsafeBufferPointer { received in
          for (i, owner) in owners.enumerated() where columns > 0 {
            (rows + i * columns).initialize(from: received.baseAddress! + next[owner], count: columns)
            next[owner] += columns
          }
        }
      }
      return (numbers, rows)
    }
  }

  /// What the parts of all ranks contribute to the rows that are here, given the sums of each part of this rank: slices
  /// whose row numbers are places among its `numbers`, each once.
  func contribution(
    _ parts: [IndexedSlices<Scalar>?], _ world: Communicator
  ) throws(CommunicatorError) -> RowContribution<Scalar> {
    var flags = [[UInt8]](repeating: [], count: world.count)
    var sums = [[Scalar]](repeating: [], count: world.count)
    for (part, owners) in zip(parts, owners) {
      var places = [Int32](repeating: -1, count: owners.count)
      for (place, row) in (part?.indices ?? []).enumerated() { places[Int(row)] = Int32(place) }
      for (place, owner) in zip(places, owners) {
        flags[owner].append(place < 0 ? 0 : 1)
        if place >= 0 { sums[owner] += part!.values.row(place).elements }
      }
    }
    let wanted = wanted
    if world.count > 1 {
      let received = try world.allToAll(
        Array(flags.joined()), counts: counts, receiving: wanted.map(\.count))
      var first = 0
      let sumCounts = wanted.map { places in
        defer { first += places.count }
        return received[first..<first + places.count].count { $0 == 1 } * columns
      }
      let elements = try world.allToAll(Array(sums.joined()), counts: sums.map(\.count), receiving: sumCounts)
      return contribution(places: Array(wanted.joined()), flags: received, sums: elements)
    }
    return contribution(places: Array(wanted.joined()), flags: flags[0], sums: sums[0])
  }

  private func contribution(places: [Int32], flags: [UInt8], sums: [Scalar]) -> RowContribution<Scalar> {
    let indices = zip(places, flags).lazy.filter { $1 == 1 }.map(\.0)
    return RowContribution(
      indices: Array(indices), splits: nil,
      vectors: Tensor(shape: [sums.count / max(columns, 1), columns], elements: sums))
  }
}

extension [Int] {
  /// Where each of blocks of these lengths begins.
  fileprivate var firsts: [Int] {
    var first = 0
    return map { count in
      defer { first += count }
      return first
    }
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
