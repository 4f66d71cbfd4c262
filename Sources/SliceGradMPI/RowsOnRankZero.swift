import SliceGrad
import SliceGradTraining

// Rows that ranks share, on their way to rank 0 in the order of the rows: it has those of some neighbouring rows at a
// time.

extension SharedRows {
  private var bytesInRow: Int { ownShape.dropFirst().reduce(dtype.bitCount / 8, *) }

  /// The places of those rows of a rank that are among some rows, which begin at a row of class 0.
  private static func places(of sharing: RowSharing, in rows: Range<Int>) -> Range<Int> {
    let groups = (rows.upperBound + sharing.classCount - 1) / sharing.classCount
    let end = min(groups * sharing.classes.count, sharing.ownRowCount)
    return min(rows.lowerBound / sharing.classCount * sharing.classes.count, end)..<end
  }

  /// How many neighbouring rows go at once: so many bytes, if a row of each class isn't more.
  func rowsAtOnce(bytes: Int) -> Int { max(bytes / max(bytesInRow * sharing.classCount, 1), 1) * sharing.classCount }

  /// On rank 0 the bytes of those of some neighbouring rows that have numbers, in the order of the rows. Collective.
  ///
  /// - Parameters:
  ///   - first: the first of these rows, of class 0.
  ///   - count: how many they are, if there are as many.
  func bytes(from first: Int, count: Int, _ world: Communicator) throws -> [UInt8] {
    let rows = first..<min(first + count, sharing.rowCount)
    let here = Self.places(of: sharing, in: rows)
    let (own, numbers): (Range<Int>, [[Int32]])
    if let places {
      own =
        places.firstPlaceInRisingNumbers(
          from: here.lowerBound)..<places.firstPlaceInRisingNumbers(from: here.upperBound)
      numbers = try world.gather(places[own].map { Int32(sharing.row(at: Int($0))) })
    } else {
      own = here
      numbers = (world.rank == 0 ? 0..<world.count : 0..<0).map { rank in
        let owner = world.sharing(ofRows: sharing.rowCount, in: sharing.classCount, onRank: rank)
        return Self.places(of: owner, in: rows).map { Int32(owner.row(at: $0)) }
      }
    }
    var arrived: [UInt8] = []
    try withBytes(own) { bytes in
      try bytes.withMemoryRebound(to: UInt8.self) {
        arrived = try world.gather($0, counts: numbers.map { $0.count * bytesInRow })
      }
    }
    return world.rank == 0 ? arrived.inOrder(of: numbers, rows, bytesInRow) : []
  }
}

extension [UInt8] {
  /// The bytes of rows, which lie in blocks with these row numbers, in the order of the rows.
  fileprivate func inOrder(of blocks: [[Int32]], _ rows: Range<Int>, _ bytesInRow: Int) -> [UInt8] {
    var sources = [Int32](repeating: -1, count: rows.count)
    for (source, row) in blocks.joined().enumerated() { sources[Int(row) - rows.lowerBound] = Int32(source) }
    return [UInt8](unsafeUninitializedCapacity: count) { out, end in
      withUnsafeBufferPointer { arrived in
        for source in sources where source >= 0 && !arrived.isEmpty {
          let row = arrived.baseAddress! + Int(source) * bytesInRow
          (out.baseAddress! + end).initialize(from: row, count: bytesInRow)
          end += bytesInRow
        }
      }
    }
  }
}
