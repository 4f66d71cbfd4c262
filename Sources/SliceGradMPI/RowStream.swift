import SliceGrad
import SliceGradTraining

/// Numbers of rows that ranks share, on their way to rank 0 in the order of the rows. Rank 0 has those of some
/// neighbouring rows at a time.
struct RowStream {
  /// What all of them are in a file. The number of rows is this rank's.
  let name: String
  let dtype: SafetensorsType
  let ownShape: [Int]
  private let sharing: RowSharing
  /// The places of this rank's rows that have numbers, rising; nil if all have.
  private let places: [Int32]?
  private let bytesInRow: Int
  /// Calls the body with the numbers of some rows, given by their positions in `places`.
  private let withBytes: (_ rows: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// All rows of a table, or a state that is by rows: `[rows here, …]`.
  init<Scalar: TensorScalar>(_ name: String, _ rows: Tensor<Scalar>, _ sharing: RowSharing) {
    self.init(
      name, rows: nil, of: sharing, .of(Scalar.self), Array(rows.shape), MemoryLayout<Scalar>.size
    ) { range, body in
      let width = rows.shape.elementCount(of: 1..<rows.rank)
      try rows.withUnsafeBufferPointer { elements in
        let part = elements[range.lowerBound * width..<range.upperBound * width]
        try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)))
      }
    }
  }

  /// Numbers of those rows that have state, given by their places here, rising.
  private init<Number: BitwiseCopyable>(
    _ name: String, rows: [Int32], of sharing: RowSharing, _ dtype: SafetensorsType, width: Int? = nil,
    _ numbers: @escaping (Range<Int>) -> [Number]
  ) {
    let shape = [rows.count] + (width.map { [$0] } ?? [])
    self.init(name, rows: rows, of: sharing, dtype, shape, MemoryLayout<Number>.size) { range, body in
      try numbers(range).withUnsafeBytes(body)
    }
  }

  private init(
    _ name: String, rows places: [Int32]?, of sharing: RowSharing, _ dtype: SafetensorsType, _ ownShape: [Int],
    _ size: Int, _ withBytes: @escaping (Range<Int>, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    (self.name, self.places, self.sharing, self.dtype, self.ownShape) = (name, places, sharing, dtype, ownShape)
    bytesInRow = ownShape.dropFirst().reduce(size, *)
    self.withBytes = withBytes
  }
}

extension RowStream {
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

extension RowStream {
  /// Those of the parts of a training, with the names of the parts. Parts that aren't by rows have none.
  static func streams(of fields: [SharedField]) -> [(part: String, streams: [RowStream])] {
    var last = (table: "", places: [Int32](), order: [Int]())  // of the last state by rows
    func streams<Scalar>(_ state: RowState<Scalar>, _ part: SharedField) -> [RowStream] {
      let order = state.rows.indices.sorted { state.rows[$0] < state.rows[$1] }
      let (places, sharing) = (order.map { state.rows[$0] }, part.sharing)
      last = (part.table, places, order)
      return [
        RowStream(part.name + ".rows", rows: places, of: sharing, .i32) { range in
          places[range].map { Int32(sharing.row(at: Int($0))) }
        },
        RowStream(part.name + ".touches", rows: places, of: sharing, .i32) { range in
          order[range].map { state.touches[$0] }
        },
        RowStream(part.name + ".values", rows: places, of: sharing, .of(Scalar.self), width: state.width) { range in
          state.values(at: order[range])
        },
      ]
    }
    func follower(_ numbers: [Int32], _ part: SharedField) -> RowStream {
      let order = last.order
      return RowStream(part.name, rows: last.places, of: part.sharing, .i32) { range in
        order[range].map { numbers[$0] }
      }
    }
    return fields.compactMap { part in
      switch part.field {
      case let rows as Tensor<Float>: (part.name, [RowStream(part.name, rows, part.sharing)])
      case let rows as Tensor<Double>: (part.name, [RowStream(part.name, rows, part.sharing)])
      case let state as RowState<Float>: (part.name, streams(state, part))
      case let state as RowState<Double>: (part.name, streams(state, part))
      case let numbers as [Int32] where last.table == part.table && last.places.count == numbers.count:
        (part.name, [follower(numbers, part)])
      default: nil  // of the table as a whole
      }
    }
  }
}
