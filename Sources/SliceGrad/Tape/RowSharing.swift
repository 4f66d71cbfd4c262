/// Which rows of a table a process has, if several processes share them.
///
/// Row r is in class r mod `classCount`, so that the frequent rows of a sorted vocabulary are spread over all classes.
/// A process has the rows of some neighbouring classes, in the order of their numbers.
package struct RowSharing: Hashable, Sendable {
  /// v, the number of rows of the whole table.
  package let rowCount: Int
  /// A power of 2.
  package let classCount: Int
  /// The classes whose rows are here.
  package let classes: Range<Int>

  package init(rowCount: Int, classCount: Int, classes: Range<Int>) {
    require(classCount.nonzeroBitCount == 1, "rows in \(classCount) classes, expected a power of 2")
    (self.rowCount, self.classCount, self.classes) = (rowCount, classCount, classes)
  }

  /// Whether all rows are here, each at the place of its number.
  package var hasAllRows: Bool { classes.count == classCount }

  /// How many rows are here.
  package var ownRowCount: Int {
    let (whole, rest) = rowCount.quotientAndRemainder(dividingBy: classCount)
    return whole * classes.count + classes.clamped(to: 0..<rest).count
  }

  /// The class of a row.
  package func rowClass(of row: Int32) -> Int { Int(row) & (classCount - 1) }

  /// The places of some rows among those that are here, of which they have to be.
  package func places(of rows: [Int32]) -> [Int32] {
    if hasAllRows { return rows }
    let (shift, mask) = (Int32(classCount.trailingZeroBitCount), Int32(classCount - 1))
    let (count, first) = (Int32(classes.count), Int32(classes.lowerBound))
    return rows.map { row in (row &>> shift) &* count &+ (row & mask) &- first }
  }

  /// The places of those of some rows that are here, in their order.
  package func ownPlaces(of rows: [Int32]) -> [Int32] {
    if hasAllRows { return rows }
    let own = [Int32](unsafeUninitializedCapacity: rows.count) { own, count in
      for row in rows {
        own[count] = row
        count += classes.contains(rowClass(of: row)) ? 1 : 0
      }
    }
    return places(of: own)
  }

  /// The number of the row at a place.
  package func row(at place: Int) -> Int {
    place / classes.count * classCount + classes.lowerBound + place % classes.count
  }
}

/// What a part of a step may read of a table whose rows several processes share: it was fetched before.
package final class FetchedRows<Scalar: TensorScalar>: Sendable {
  /// Look-ups in bags that are answered already: for each bag the sum of its rows, in a row of `sums` `[bags, d]`.
  package let bagSums: [(bags: RaggedIndices, sums: Tensor<Scalar>)]
  /// The numbers of other rows, in ascending order.
  package let numbers: [Int32]
  /// These rows, `[numbers, d]`.
  package let rows: Tensor<Scalar>

  package init(bagSums: [(bags: RaggedIndices, sums: Tensor<Scalar>)], numbers: [Int32], rows: Tensor<Scalar>) {
    (self.bagSums, self.numbers, self.rows) = (bagSums, numbers, rows)
  }
}

extension EmbeddingTable {
  /// The rows that a look-up reads, and where the rows of some numbers are among them. Traps if the rows are shared and
  /// one of these wasn't fetched.
  func rows(_ indices: [Int32], in operation: String) -> (rows: Tensor<Scalar>, places: [Int32]) {
    guard sharing != nil else { return (storedValue, indices) }
    guard let fetched else {
      trap(
        "\(operation): ranks share the rows of the table \(shape); take `Communicator.valueWithGradients`, `results` or "
          + "`rows`, which fetch those of their `lookups`, or a model from `gathered`")
    }
    let places = indices.map { row in
      guard let place = fetched.numbers.placeInRisingNumbers(of: row) else {
        trap(
          "\(operation): row \(row) of the table \(shape) is in no `.rows` of the step's `lookups`; "
            + "a `.bags` answers only `embeddingBag` of its bags, without weights")
      }
      return place
    }
    return (fetched.rows, places)
  }

  /// The same for rows in bags.
  func rows(_ bags: RaggedIndices, in operation: String) -> (rows: Tensor<Scalar>, places: RaggedIndices) {
    guard sharing != nil else { return (storedValue, bags) }
    let (rows, places) = rows(bags.values, in: operation)
    return (rows, bags.replacingValues(by: places))
  }

  /// The number of the look-up that fetched the sums of these bags, if the rows are shared and one did.
  func fetchedSums(of bags: RaggedIndices) -> Int? { fetched?.bagSums.firstIndex { $0.bags == bags } }
}
