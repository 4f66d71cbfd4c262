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
    let counted = RaggedIndices(countingLists: rowSplits) { bag, numbers, counts in
      let positions = rowSplits[bag]..<rowSplits[bag + 1]
      for (place, position) in positions.enumerated() {
        (numbers + place).initialize(to: values[Int(position)])
        (counts + place).initialize(to: self.counts?[Int(position)] ?? 1)
      }
      return positions.count
    }
    return counted.values.count == values.count && self.counts == nil ? self : counted
  }

  /// A bag for each of some lists, with each of its numbers once, in the order of first appearance, and the sum of its
  /// counts. These must not pass Int32, all together.
  ///
  /// - Parameters:
  ///   - splits: where each list begins and has to end, if all lists are in one, `[lists + 1]`.
  ///   - write: writes the numbers of a list, and a count for each, and returns how many they are. It is called
  ///     possibly concurrently.
  /// - Complexity: O(numbers of all lists).
  package init(
    countingLists splits: [Int32],
    _ write: (_ list: Int, _ numbers: UnsafeMutablePointer<Int32>, _ counts: UnsafeMutablePointer<Int32>) -> Int
  ) {
    // Each list is counted where it is written. Then the bags move together.
    let (listCount, capacity) = (splits.count - 1, Int(splits.last!))
    let numbers = UnsafeMutablePointer<Int32>.allocate(capacity: max(capacity, 1))
    let counts = UnsafeMutablePointer<Int32>.allocate(capacity: max(capacity, 1))
    defer {
      numbers.deallocate()
      counts.deallocate()
    }
    let sizes = [Int32](unsafeUninitializedCapacity: listCount) { sizes, sizeCount in
      Threads.forEachRange(ofBags: splits, operations: 16) {
        for list in $0..<$1 {
          let first = Int(splits[list])
          let length = write(list, numbers + first, counts + first)
          (sizes.baseAddress! + list).initialize(to: Self.count(numbers + first, counts + first, length))
        }
      }
      sizeCount = listCount
    }
    var bagSplits: [Int32] = [0]
    bagSplits.reserveCapacity(listCount + 1)
    for size in sizes { bagSplits.append(bagSplits.last! + size) }
    func joined(_ lists: UnsafeMutablePointer<Int32>) -> [Int32] {
      [Int32](unsafeUninitializedCapacity: Int(bagSplits.last!)) { joined, count in
        count = joined.count
        guard let out = joined.baseAddress else { return }
        Threads.forEachRange(ofBags: bagSplits, operations: 1) {
          for bag in $0..<$1 {
            (out + Int(bagSplits[bag])).initialize(from: lists + Int(splits[bag]), count: Int(sizes[bag]))
          }
        }
      }
    }
    let joinedCounts = joined(counts)
    self.init(
      values: joined(numbers), rowSplits: bagSplits, counts: joinedCounts.allSatisfy { $0 == 1 } ? nil : joinedCounts)
  }

  /// Leaves each number of a list once, with the sum of its counts. Returns how many different ones there are.
  private static func count(
    _ numbers: UnsafeMutablePointer<Int32>, _ counts: UnsafeMutablePointer<Int32>, _ length: Int
  ) -> Int32 {
    guard length > 0 else { return 0 }
    let capacity = RowNumbering.capacity(for: length)
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { hashTable in
      hashTable.initialize(repeating: -1)
      return Int32(countRows(numbers, counts, length, hashTable.baseAddress!, capacity))
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
    var splits: [Int32] = [0]
    splits.reserveCapacity(rowSplits.count)
    for (start, end) in zip(rowSplits, rowSplits.dropFirst()) {
      splits.append(splits.last! + counts[Int(start)..<Int(end)].reduce(0, &+))  // All together are an Int32.
    }
    return splits
  }

  /// The counts as factors of the rows `[nnz]`; nil if there are none.
  @specialized(where Scalar == Float)
  package func factors<Scalar: TensorScalar>() -> Tensor<Scalar>? {
    counts.map { counts in
      Tensor(shape: [counts.count]) { out in
        for (place, count) in counts.enumerated() { (out + place).initialize(to: Scalar(count)) }
      }
    }
  }

  /// Traps if there are counts, in an operation for which each position counts.
  func requireNoCounts(in operation: String) {
    require(counts == nil, "\(operation): row numbers with counts have no order; take `expanded`")
  }

  /// The same bags of other values, one for each.
  package func replacingValues(by others: [Int32]) -> RaggedIndices {
    require(others.count == values.count, "RaggedIndices: \(others.count) values in place of \(values.count)")
    return RaggedIndices(checked: others, rowSplits: rowSplits, counts: counts)
  }
}
