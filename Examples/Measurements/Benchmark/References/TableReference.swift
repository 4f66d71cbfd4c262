import SliceGrad

/// The rows of a table that a case touches, updated by SparseAdam in Double, and some of the others.
struct TableReference {
  private(set) var rows: [Int32: AdamReference] = [:]
  private var untouched: [Int32: [Float]] = [:]

  init(of table: Tensor<Float>, touching indices: [Int32], learningRate: Double) {
    for row in Set(indices) { rows[row] = AdamReference(table.row(row).elements, learningRate: learningRate) }
    for row in stride(from: 0, to: Int32(table.shape[0]), by: max(1, table.shape[0] / 1000)) where rows[row] == nil {
      untouched[row] = Array(table.row(row).elements)
    }
  }

  /// Updates by the sum of the gradients of each row, in the order of `indices`.
  mutating func update(_ indices: [Int32], gradient: (_ position: Int) -> [Double]) {
    var sums: [Int32: [Double]] = [:]
    for (position, row) in indices.enumerated() {
      let slopes = gradient(position)
      if sums[row] == nil {
        sums[row] = slopes
      } else {
        for column in slopes.indices { sums[row]![column] += slopes[column] }
      }
    }
    for (row, sum) in sums { rows[row]!.update(gradient: sum) }
  }

  /// Throws `CheckFailure` unless a table has these rows, and has kept the others.
  func check(_ table: Tensor<Float>) throws {
    for (row, reference) in rows {
      for (column, (result, expected)) in zip(table.row(row).elements, reference.parameters).enumerated() {
        try expect(result, equals: expected, tolerance: 1e-5, "the table's element [\(row), \(column)]")
      }
    }
    try checkUntouchedRows(of: table)
  }

  /// Throws `CheckFailure` unless a table has kept the rows without a gradient to the bit.
  func checkUntouchedRows(of table: Tensor<Float>) throws {
    for (row, expected) in untouched where !table.row(row).elements.elementsEqual(expected) {
      throw CheckFailure(description: "row \(row) of the table has changed, but has no gradient")
    }
  }
}

extension Tensor {
  /// A copy of some rows of a matrix.
  func rows(_ indices: [Int32]) -> [Int32: [Scalar]] {
    Dictionary(indices.map { ($0, Array(row($0).elements)) }, uniquingKeysWith: { first, _ in first })
  }
}
