extension RowSharing {
  /// What bags get from the rows that are here: for each of `TreePlace.covering(classes)` the sums `[bags, d]`, one
  /// after another, `[subtrees · bags, d]`.
  ///
  /// The rows of a class are summed in the order in which they are in the bag, each times its factor, and the sums of
  /// classes along the binary tree over all of them. So the bits don't depend on which other classes are here.
  ///
  /// - Parameters:
  ///   - bags: numbers of rows that are here.
  ///   - factors: `[nnz]`; 1 if nil.
  ///   - table: the rows that are here, `[rows, d]`.
  /// - Complexity: O((bags · classes + nnz) d).
  @specialized(where Scalar == Float)
  package func sums<Scalar>(
    ofRowsIn bags: RaggedIndices, factors: Tensor<Scalar>?, of table: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let columns = table.shape[1]
    let atOnce = 16  // bags, whose sums of classes stay in the processor's cache until they are added
    return Tensor(shape: [TreePlace.covering(classes).count * bags.bagCount, columns]) { out in
      withPointers(table, factors) { table, factors in
        Threads.forEachRange(ofBags: bags.rowSplits, operations: columns) { first, end in
          for first in stride(from: first, to: end, by: atOnce) {
            let some = BagsByClass(self, bags, first..<min(first + atOnce, end))
            some.withSums(ofRowsIn: table, factors, columns) { sums in add(sums, of: some, to: out, columns) }
          }
        }
      }
    }
  }

  /// Adds up the sums of some bags' classes, and writes that of each subtree to its place.
  private func add<Scalar: TensorScalar>(
    _ sums: UnsafeMutablePointer<Scalar>, of some: BagsByClass, to out: UnsafeMutablePointer<Scalar>, _ columns: Int
  ) {
    let length = some.numbers.count * columns
    for (number, subtree) in TreePlace.covering(classes).enumerated() {
      let sum = sums + (subtree.parts.lowerBound - classes.lowerBound) * length
      for level in 0..<subtree.level {
        for left in stride(from: 0, to: subtree.parts.count, by: 2 << level) {
          Scalar.Kernels.addScaled(1, sum + (left + (1 << level)) * length, 1, sum + left * length, 0, length)
        }
      }
      (out + (number * some.bags.bagCount + some.numbers.lowerBound) * columns).initialize(from: sum, count: length)
    }
  }
}

/// Some neighbouring bags, whose rows are sorted by their classes.
private struct BagsByClass {
  let sharing: RowSharing
  let bags: RaggedIndices
  let numbers: Range<Int>

  init(_ sharing: RowSharing, _ bags: RaggedIndices, _ numbers: Range<Int>) {
    (self.sharing, self.bags, self.numbers) = (sharing, bags, numbers)
  }

  /// How many sums there are: one for each class and bag, those of one class after those of another.
  private var cellCount: Int { sharing.classes.count * numbers.count }

  /// Calls the body with the sums `[classes, numbers, d]` of the rows of each class in each bag.
  func withSums<Scalar: TensorScalar>(
    ofRowsIn table: UnsafePointer<Scalar>, _ factors: UnsafePointer<Scalar>?, _ columns: Int,
    _ body: (_ sums: UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let (ends, cellCount) = (bags.rowSplits, cellCount)
    let count = Int(ends[numbers.upperBound] - ends[numbers.lowerBound])
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: cellCount + 2 + count) { room in
      let (splits, places) = (room.baseAddress!, room.baseAddress! + cellCount + 2)
      let capacity = cellCount * columns + (factors == nil ? 0 : count)
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: capacity) { room in
        let sums = room.baseAddress!
        let sorted = factors.map { _ in sums + cellCount * columns }
        sort(bags.values, ends, factors, splits, places, sorted)
        Scalar.Kernels.bagSum(table, places, splits, sorted, sums, columns, isMean: false, 0, cellCount)
        body(sums)
      }
    }
  }

  /// Sorts the places of the rows, and their factors, by cell.
  ///
  /// - Parameter splits: gets where the rows of each cell begin and end, and one number more.
  private func sort<Scalar>(
    _ rows: UnsafePointer<Int32>, _ ends: UnsafePointer<Int32>, _ factors: UnsafePointer<Scalar>?,
    _ splits: UnsafeMutablePointer<Int32>, _ places: UnsafeMutablePointer<Int32>,
    _ sorted: UnsafeMutablePointer<Scalar>?
  ) {
    let (mask, shift) = (Int32(sharing.classCount - 1), Int32(sharing.classCount.trailingZeroBitCount))
    let (classCount, firstClass) = (Int32(sharing.classes.count), Int32(sharing.classes.lowerBound))
    // The rows of a cell are counted two places further, and their end one place further is their beginning at first.
    splits.initialize(repeating: 0, count: cellCount + 2)
    for bag in numbers {
      let counts = splits + 2 + (bag - numbers.lowerBound)
      for position in Int(ends[bag])..<Int(ends[bag + 1]) {
        counts[Int((rows[position] & mask) &- firstClass) &* numbers.count] &+= 1
      }
    }
    for cell in 0..<cellCount { splits[cell + 2] &+= splits[cell + 1] }
    for bag in numbers {
      let nexts = splits + 1 + (bag - numbers.lowerBound)
      for position in Int(ends[bag])..<Int(ends[bag + 1]) {
        let number = (rows[position] & mask) &- firstClass
        let next = nexts + Int(number) &* numbers.count
        places[Int(next.pointee)] = (rows[position] &>> shift) &* classCount &+ number
        if let factors { sorted![Int(next.pointee)] = factors[position] }
        next.pointee &+= 1
      }
    }
  }
}
