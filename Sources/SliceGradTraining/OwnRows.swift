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

  /// Some rows of an entry, given by their numbers; nil for all.
  func read<Scalar: TensorScalar>(_ entry: SafetensorsEntry, at rows: [Int]?, as: Scalar.Type) -> Tensor<Scalar> {
    guard let rows else { return read(entry, as: Scalar.self) }
    return read(entry, rows: rows.count, { rows[$0] }, as: Scalar.self)
  }

  /// Some rows of an entry, of which each is given by its number.
  private func read<Scalar: TensorScalar>(
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
}

/// The rows of which a file has state.
struct SavedRows {
  /// How many they are.
  let count: Int
  /// The positions of those that are here; nil for all.
  let kept: [Int]?
  /// Their places in the table as it is here, in the order of the file.
  let own: [Int32]

  static let expected = "different rows of the table, and how often each was touched"
}

extension SafetensorsFile {
  /// The rows `[n]` in a tensor of I32 of which there is state. Throws for one that the shared table doesn't have.
  func stateRows(_ name: String, of sharing: RowSharing?) throws(CheckpointError) -> SavedRows {
    guard let sharing, !sharing.hasAllRows else {
      let rows: [Int32] = try integers(name)
      return SavedRows(count: rows.count, kept: nil, own: rows)
    }
    let count = try entry(name, shape: nil, of: [.i32]).shape.reduce(1, *)
    var (kept, own, problem): ([Int], [Int32], String?) = ([], [], nil)
    try withIntegers(name, count: count) { row in
      for place in 0..<count {
        let row = row(place)
        guard (0..<sharing.rowCount).contains(Int(row)) else {
          problem = "row number \(row) at position \(place) is not in 0..<\(sharing.rowCount)"
          return
        }
        guard sharing.classes.contains(sharing.rowClass(of: row)) else { continue }
        kept.append(place)
        own.append(row)
      }
    }
    if let problem { throw self.problem(name, problem, SavedRows.expected) }
    return SavedRows(count: count, kept: kept, own: sharing.places(of: own))
  }

  /// The integers in a tensor of I32 of those rows that are here.
  func integers(_ name: String, of rows: SavedRows) throws(CheckpointError) -> [Int32] {
    guard let kept = rows.kept else { return try integers(name, shape: [rows.count]) }
    return try withIntegers(name, count: rows.count) { integer in kept.map { integer($0) } }
  }

  /// Calls the body with what reads one of the integers `[count]` of a tensor of I32, given its position.
  private func withIntegers<Result>(
    _ name: String, count: Int, _ body: ((Int) -> Int32) -> Result
  ) throws(CheckpointError) -> Result {
    let entry = try entry(name, shape: [count], of: [.i32])
    return bytes(of: entry).withUnsafeBytes { bytes in
      body { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
    }
  }
}
