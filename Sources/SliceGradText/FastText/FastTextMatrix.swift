import Foundation

/// A matrix of a model of fastText's, `[rows, columns]`. Its numbers stay in the mapped file.
///
/// Sums are made in the order of fastText's, so that they are the same to the bit.
enum FastTextMatrix: Sendable {
  case numbers(DenseRows)
  case codes(ProductQuantizedRows)

  init(_ name: String, isQuantized: Bool, columns: Int, _ reader: inout FastTextReader) throws(DataError) {
    if isQuantized {
      self = .codes(try ProductQuantizedRows(name, columns: columns, &reader))
    } else {
      self = .numbers(try DenseRows(name, columns: columns, &reader))
    }
  }

  var rowCount: Int {
    switch self {
    case .numbers(let rows): rows.rowCount
    case .codes(let rows): rows.rowCount
    }
  }

  /// The mean of some rows, one or more, which may repeat.
  func mean(of rows: [Int32], columns: Int) -> [Float] {
    var sum = [Float](repeating: 0, count: columns)
    switch self {
    case .numbers(let matrix): matrix.add(rows, to: &sum)
    case .codes(let matrix): matrix.add(rows, to: &sum)
    }
    let share = Float(1 / Double(rows.count))
    for column in sum.indices { sum[column] *= share }
    return sum
  }

  /// The dot product of a row and a vector.
  func dot(_ row: Int, _ vector: [Float]) -> Float {
    switch self {
    case .numbers(let matrix): matrix.dot(row, vector)
    case .codes(let matrix): matrix.dot(row, vector)
    }
  }
}

/// Rows of numbers.
struct DenseRows: Sendable {
  let rowCount: Int
  private let columnCount: Int
  private let file: Data
  /// Where the numbers begin.
  private let start: Int

  init(_ name: String, columns: Int, _ reader: inout FastTextReader) throws(DataError) {
    rowCount = try reader.integer("the number of rows of \(name)", in: 0...reader.bytesLeft / 4, as: Int64.self)
    columnCount = try reader.integer("the number of columns of \(name)", in: columns...columns, as: Int64.self)
    start = try reader.skip(rowCount, ofSize: 4 * columns, "rows of \(name)")
    file = reader.bytes
  }

  /// Adds some rows to a vector.
  func add(_ rows: [Int32], to sum: inout [Float]) {
    file.withUnsafeBytes { file in
      for row in rows {
        let start = start + Int(row) * columnCount * 4
        for column in sum.indices { sum[column] += file.number(at: start + column * 4) }
      }
    }
  }

  func dot(_ row: Int, _ vector: [Float]) -> Float {
    file.withUnsafeBytes { file in
      let start = start + row * columnCount * 4
      var sum: Float = 0
      for column in vector.indices { sum += file.number(at: start + column * 4) * vector[column] }
      return sum
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number that begins at this byte.
  func number(at start: Int) -> Float {
    Float(bitPattern: UInt32(littleEndian: loadUnaligned(fromByteOffset: start, as: UInt32.self)))
  }
}
