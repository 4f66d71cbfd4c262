public import SliceGrad

/// Those rows of a table that were kept when the others were taken away, and the numbers that they have now.
///
///     let kept = KeptRows([2, 5, 9])
///     print(kept.position(of: 5)!)  // 1
///     print(kept(RaggedIndices([[9, 3, 2], [4]])))  // RaggedIndices(values: [2, 0], rowSplits: [0, 2, 2])
public struct KeptRows: Sendable, Equatable {
  /// The numbers that the rows had, in rising order.
  public let rows: [Int32]

  /// These rows. Traps unless their numbers rise.
  public init(_ rows: [Int32]) {
    require(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 }, "KeptRows: the numbers don't rise")
    self.rows = rows
  }

  /// The number that a row has now; nil if it wasn't kept.
  ///
  /// - Complexity: O(log n) for n rows.
  public func position(of row: Int32) -> Int32? { rows.placeInRisingNumbers(of: row) }

  /// Bags of the new numbers. Rows that weren't kept are left out.
  ///
  /// - Complexity: O(m log n) for m row numbers and n rows.
  public func callAsFunction(_ bags: RaggedIndices) -> RaggedIndices {
    var (values, splits) = ([Int32](), [Int32(0)])
    splits.reserveCapacity(bags.rowSplits.count)
    for (start, end) in zip(bags.rowSplits, bags.rowSplits.dropFirst()) {
      for row in bags.values[Int(start)..<Int(end)] {
        if let position = position(of: row) { values.append(position) }
      }
      splits.append(Int32(values.count))
    }
    return RaggedIndices(values: values, rowSplits: splits)
  }

  /// These rows of a table `[v, d]`, in one of its own. Traps on a row that it doesn't have.
  ///
  /// - Complexity: O(n d) for n rows.
  public func rows(of table: Tensor<Float>) -> Tensor<Float> {
    require(rows.last ?? -1 < table.shape[0] && rows.first ?? 0 >= 0, "KeptRows: rows beyond \(table.shape[0])")
    let columns = table.shape[1]
    return Tensor(shape: [rows.count, columns]) { out in
      table.withPointer { numbers in
        for (position, row) in rows.enumerated() {
          (out + position * columns).initialize(from: numbers + Int(row) * columns, count: columns)
        }
      }
    }
  }
}
