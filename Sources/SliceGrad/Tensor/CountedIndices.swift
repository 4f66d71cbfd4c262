import SliceGradKernels

// Bags in which a number that is there several times stands once, with a count.
extension RaggedIndices {
  /// The same bags with each number once, in the order of first appearance, and with how often it is there. There are
  /// no counts if all are 1.
  ///
  ///     let counted = RaggedIndices([[3, 1, 3], [], [0]]).counted
  ///     print(counted.values, counted.counts!)  // [3, 1, 0] [2, 1, 1]
  ///
  /// - Complexity: O(bags + nnz).
  public var counted: RaggedIndices {
    // Each bag is written to where it begins here, and those before it have left free places.
    var (rows, counts) = ([Int32](repeating: 0, count: values.count), [Int32](repeating: 0, count: values.count))
    let sizes = [Int32](unsafeUninitializedCapacity: bagCount) { sizes, sizeCount in
      rows.withUnsafeMutableBufferPointer { rows in
        counts.withUnsafeMutableBufferPointer { counts in
          Threads.forEachRange(of: bagCount, operations: 8 * (values.count / max(bagCount, 1) + 1)) {
            for bag in $0..<$1 { (sizes.baseAddress! + bag).initialize(to: count(bag, rows, counts)) }
          }
        }
      }
      sizeCount = bagCount
    }
    var splits: [Int32] = [0]
    splits.reserveCapacity(bagCount + 1)
    for size in sizes { splits.append(splits.last! + size) }
    if counts.count == Int(splits.last!), self.counts == nil { return self }
    func joined(_ list: [Int32]) -> [Int32] {
      var joined: [Int32] = []
      joined.reserveCapacity(Int(splits.last!))
      for (start, size) in zip(rowSplits, sizes) { joined += list[Int(start)..<Int(start + size)] }
      return joined
    }
    let joinedCounts = joined(counts)
    return RaggedIndices(
      values: joined(rows), rowSplits: splits, counts: joinedCounts.allSatisfy { $0 == 1 } ? nil : joinedCounts)
  }

  /// Counts the numbers in a bag. Returns how many different ones it has.
  private func count(
    _ bag: Int, _ rows: UnsafeMutableBufferPointer<Int32>, _ counts: UnsafeMutableBufferPointer<Int32>
  ) -> Int32 {
    let (first, length) = (Int(rowSplits[bag]), Int(rowSplits[bag + 1] - rowSplits[bag]))
    guard length > 0 else { return 0 }
    let capacity = RowNumbering.capacity(for: length)
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { hashTable in
      hashTable.initialize(repeating: -1)
      func count(_ values: UnsafePointer<Int32>, _ countsSoFar: UnsafePointer<Int32>?) -> Int {
        countRows(
          values + first, countsSoFar.map { $0 + first }, length, rows.baseAddress! + first,
          counts.baseAddress! + first, hashTable.baseAddress!, capacity)
      }
      return Int32(self.counts.map { count(values, $0) } ?? count(values, nil))
    }
  }

  /// The same bags without counts: what is there several times is repeated.
  ///
  ///     let bags = RaggedIndices(values: [3, 1], rowSplits: [0, 2], counts: [2, 1])
  ///     print(bags.expanded)  // RaggedIndices(values: [3, 3, 1], rowSplits: [0, 3])
  ///
  /// - Complexity: O(bags + all counts).
  public var expanded: RaggedIndices {
    guard let counts else { return self }
    let splits = expandedSplits
    var repeated: [Int32] = []
    repeated.reserveCapacity(Int(splits.last!))
    for (value, count) in zip(values, counts) { repeated.append(contentsOf: repeatElement(value, count: Int(count))) }
    return RaggedIndices(values: repeated, rowSplits: splits)
  }

  /// Where the bags begin and end once they are expanded, `[bags + 1]`.
  ///
  /// - Complexity: O(bags + nnz) if there are counts, else O(1).
  var expandedSplits: [Int32] {
    guard let counts else { return rowSplits }
    var (sum, next) = (Int32(0), 0)
    return rowSplits.map { split in
      while next < split {
        sum += counts[next]
        next += 1
      }
      return sum
    }
  }

  /// The counts as factors of the rows `[nnz]`; nil if there are none.
  func factors<Scalar: TensorScalar>() -> Tensor<Scalar>? { counts.map { Tensor($0.map { Scalar($0) }) } }

  /// Traps if there are counts, in an operation for which each position counts.
  func requireNoCounts(in operation: String) {
    require(counts == nil, "\(operation): row numbers with counts have no order; take `expanded`")
  }

  /// The same bags of other values, one for each.
  package func replacingValues(by others: [Int32]) -> RaggedIndices {
    RaggedIndices(values: others, rowSplits: rowSplits, counts: counts)
  }
}
