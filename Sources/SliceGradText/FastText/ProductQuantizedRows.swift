import Foundation

/// Rows as codes: a byte for some neighbouring numbers says which of 256 lists of numbers, found by clustering, stands
/// for them. The rows may be divided by their lengths, which have codes too.
///
/// Source: H. Jégou, M. Douze, C. Schmid, “Product Quantization for Nearest Neighbor Search”, 2011, section II.B.
struct ProductQuantizedRows: Sendable {
  let rowCount: Int
  private let file: Data
  /// Where the codes of the rows begin, and those of their lengths, if there are any.
  private let codes: Int
  private let lengthCodes: Int?
  private let centroids: Centroids
  private let lengths: Centroids?

  init(_ name: String, columns: Int, _ reader: inout FastTextReader) throws(DataError) {
    let hasLengths = try reader.flag("whether \(name) has lengths")
    rowCount = try reader.integer("the number of rows of \(name)", in: 0...reader.bytesLeft, as: Int64.self)
    _ = try reader.integer("the number of columns of \(name)", in: columns...columns, as: Int64.self)
    let codeCount = try reader.integer("the number of codes of \(name)", in: 0...reader.bytesLeft)
    codes = try reader.skip(codeCount, ofSize: 1, "codes of \(name)")
    centroids = try Centroids(name, columns: columns, &reader)
    guard codeCount == rowCount * centroids.partCount else {
      throw reader.error("\(codeCount) codes of \(name)", "\(rowCount) rows of \(centroids.partCount)")
    }
    lengthCodes = hasLengths ? try reader.skip(rowCount, ofSize: 1, "codes of the lengths of \(name)") : nil
    lengths = hasLengths ? try Centroids("the lengths of \(name)", columns: 1, &reader) : nil
    file = reader.bytes
  }

  /// Adds some rows to a vector.
  func add(_ rows: [Int32], to sum: inout [Float]) {
    file.withUnsafeBytes { file in
      for row in rows {
        let length = length(Int(row), in: file)
        visitParts(of: Int(row), in: file) { column, number in sum[column] += length * number }
      }
    }
  }

  func dot(_ row: Int, _ vector: [Float]) -> Float {
    file.withUnsafeBytes { file in
      var sum: Float = 0
      visitParts(of: row, in: file) { column, number in sum += vector[column] * number }
      return sum * length(row, in: file)
    }
  }

  private func length(_ row: Int, in file: UnsafeRawBufferPointer) -> Float {
    guard let lengthCodes, let lengths else { return 1 }
    return file.number(at: lengths.start(ofPart: 0, code: file[lengthCodes + row]))
  }

  /// Calls the body with each column of a row and the number there, before it is multiplied by the row's length.
  private func visitParts(
    of row: Int, in file: UnsafeRawBufferPointer, _ body: (_ column: Int, _ number: Float) -> Void
  ) {
    for part in 0..<centroids.partCount {
      let start = centroids.start(ofPart: part, code: file[codes + row * centroids.partCount + part])
      let columns = centroids.columns(ofPart: part)
      for column in columns { body(column, file.number(at: start + (column - columns.lowerBound) * 4)) }
    }
  }
}

/// The lists of numbers that stand for parts of rows, 256 for each part.
private struct Centroids {
  let partCount: Int
  private let columnCount: Int
  private let columnsInPart: Int
  /// Where the numbers begin in the file.
  private let start: Int

  private static let count = 256

  init(_ name: String, columns: Int, _ reader: inout FastTextReader) throws(DataError) {
    columnCount = try reader.integer("the number of columns of the parts of \(name)", in: columns...columns)
    partCount = try reader.integer("the number of parts of \(name)", in: 1...columns)
    columnsInPart = try reader.integer("the number of columns in a part of \(name)", in: 1...Int(Int32.max))
    let last = columns - (partCount - 1) * columnsInPart
    guard (1...columnsInPart).contains(last) else {
      throw reader.error(
        "\(partCount) parts of \(columnsInPart) columns for the \(columns) of \(name)", "as many as fill them")
    }
    _ = try reader.integer("the number of columns in the last part of \(name)", in: last...last)
    start = try reader.skip(columns * Self.count, ofSize: 4, "numbers of the parts of \(name)")
  }

  func columns(ofPart part: Int) -> Range<Int> {
    part * columnsInPart..<min((part + 1) * columnsInPart, columnCount)
  }

  /// Where the numbers of a code begin in the file.
  func start(ofPart part: Int, code: UInt8) -> Int {
    start + (Self.count * columns(ofPart: part).lowerBound + Int(code) * columns(ofPart: part).count) * 4
  }
}
