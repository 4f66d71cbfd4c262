import Foundation
import SliceGrad

// Reading the rows of one process from a file that has those of all.

extension RowSharing {
  /// The shape of all rows of what has its own rows here.
  func wholeShape<Scalar>(of own: Tensor<Scalar>) -> Shape { Shape([rowCount] + own.shape.dropFirst()) }
}

extension SafetensorsFile {
  /// The numbers of an entry that `entry(_:shape:as:)` returned; of shared rows, of those that are here.
  func read<Scalar: TensorScalar>(
    _ entry: SafetensorsEntry, of sharing: RowSharing?, as: Scalar.Type
  ) -> Tensor<Scalar> {
    guard let sharing, !sharing.hasAllRows else { return read(entry, as: Scalar.self) }
    return read(entry, rows: sharing.ownRowCount, sharing.row(at:), as: Scalar.self)
  }

  /// Some rows of an entry, of which each is given by its number.
  func read<Scalar: TensorScalar>(
    _ entry: SafetensorsEntry, rows count: Int, _ row: (Int) -> Int, as: Scalar.Type
  ) -> Tensor<Scalar> {
    let shape = Shape([count] + entry.shape.dropFirst())
    let size = entry.byteRange.count / max(entry.shape[0], 1)
    func copyRows(to out: UnsafeMutableRawPointer) {
      bytes(of: entry).withUnsafeBytes { bytes in
        for place in 0..<count where size > 0 {
          (out + place * size).copyMemory(from: bytes.baseAddress! + row(place) * size, byteCount: size)
        }
      }
    }
    if entry.dtype == .of(Scalar.self) { return Tensor(shape: shape) { copyRows(to: $0) } }
    var rows = Data(count: count * size)
    if !rows.isEmpty { rows.withUnsafeMutableBytes { copyRows(to: $0.baseAddress!) } }
    return tensor(of: rows, entry.dtype, shape)
  }

  /// Some of the integers `[count]` of a tensor of I32, by their places.
  fileprivate func integers(
    _ name: String, count: Int, at places: [Int]
  ) throws(CheckpointError) -> [Int32] {
    let entry = try entry(name, shape: [count], of: [.i32])
    return bytes(of: entry).withUnsafeBytes { bytes in
      places.map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
    }
  }
}

/// Reads state by rows, of which the rows that are here are kept: their places in the file are found once, for the
/// state and for the lists that follow it.
struct OwnStateRows {
  /// The last state: of which table, of how many rows in the file, and which of these are here.
  private var last = (table: "", rowCount: -1, kept: [Int]())

  /// What the file has of a field of a shared table; nil if the field isn't by rows.
  mutating func read(
    _ field: any RestorableField, _ name: String, of table: (name: String, sharing: RowSharing), _ file: SafetensorsFile
  ) throws(CheckpointError) -> (any RestorableField)? {
    switch field {
    case let state as RowState<Float>: return try ownState(state, name, of: table, file)
    case let state as RowState<Double>: return try ownState(state, name, of: table, file)
    case let rows as Tensor<Float>: return try ownRows(rows, name, of: table.sharing, file)
    case let rows as Tensor<Double>: return try ownRows(rows, name, of: table.sharing, file)
    case let numbers as [Int32] where last.table == table.name && last.kept.count == numbers.count:
      return try file.integers(name, count: last.rowCount, at: last.kept)
    default: return nil  // of the table as a whole
    }
  }

  private func ownRows<Scalar>(
    _ own: Tensor<Scalar>, _ name: String, of sharing: RowSharing, _ file: SafetensorsFile
  ) throws(CheckpointError) -> Tensor<Scalar> {
    let entry = try file.entry(name, shape: sharing.wholeShape(of: own), as: Scalar.self)
    return file.read(entry, of: sharing, as: Scalar.self)
  }

  private mutating func ownState<Scalar>(
    _ state: RowState<Scalar>, _ name: String, of table: (name: String, sharing: RowSharing), _ file: SafetensorsFile
  ) throws(CheckpointError) -> RowState<Scalar> {
    let (rows, expected) = (name + ".rows", "different rows of the table, and how often each was touched")
    let entry = try file.entry(rows, shape: nil, of: [.i32])
    let count = entry.shape.reduce(1, *)
    _ = try file.entry(rows, shape: [count], of: [.i32])
    var (kept, own): ([Int], [Int32]) = ([], [])
    var problem: String?
    file.bytes(of: entry).withUnsafeBytes { bytes in
      for place in 0..<count {
        let row = Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * place, as: Int32.self))
        guard (0..<table.sharing.rowCount).contains(Int(row)) else {
          problem = "row number \(row) at position \(place) is not in 0..<\(table.sharing.rowCount)"
          return
        }
        guard table.sharing.classes.contains(table.sharing.rowClass(of: row)) else { continue }
        kept.append(place)
        own.append(row)
      }
    }
    if let problem { throw file.problem(rows, problem, expected) }
    let touches = try file.integers(name + ".touches", count: count, at: kept)
    let values = try file.entry(name + ".values", shape: [count, state.width], as: Scalar.self)
    var state = state
    let problemOfOwn = state.restore(
      rows: table.sharing.places(of: own), touches: touches,
      values: file.read(values, rows: kept.count, { kept[$0] }, as: Scalar.self))
    if let problemOfOwn { throw file.problem(rows, problemOfOwn, expected) }
    last = (table.name, count, kept)
    return state
  }
}
