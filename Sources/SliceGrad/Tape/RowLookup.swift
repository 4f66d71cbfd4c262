/// A look-up in a table: the rows that it read, and how the gradient of its result is merged into theirs.
struct RowLookup<Scalar: TensorScalar> {
  /// Adds what position i contributes to row `slots[i]` of `sums` `[n, d]`, for the rows `first..<end`. Unless it
  /// `accumulates`, what `sums` held before doesn't count. Slots are numbered in the order of their first appearance.
  typealias Merge = (
    _ slots: UnsafePointer<Int32>, _ sums: UnsafeMutablePointer<Scalar>, _ first: Int, _ end: Int, _ accumulates: Bool
  ) -> Void

  /// The row numbers `[nnz]`, one for each position; negative ones get no gradient.
  let indices: [Int32]
  /// The rows whose gradients are by design not the derivatives.
  var exemptRows: () -> Set<Int32> = { [] }
  /// Makes the function that merges the gradient of the result. The gradient is read where it lies: that of bags is
  /// never expanded to `[nnz, d]`.
  let merging: (_ gradient: Tensor<Scalar>) -> Merge
}

extension IndexedSlices {
  /// The gradient of a table of shape `denseShape` from all its look-ups in a step, each row once. The contributions
  /// are summed in the order of the look-ups, and of the positions in each.
  init(merging parts: [(indices: [Int32], merge: RowLookup<Scalar>.Merge)], denseShape: Shape) {
    let (columns, accumulates) = (denseShape[1], parts.count > 1)
    let numbering = RowNumbering(accumulates ? parts.flatMap(\.indices) : parts[0].indices)
    let sums = Tensor<Scalar>(shape: [numbering.rows.count, columns]) { sums in
      numbering.slots.withUnsafeBufferPointer { slots in
        numbering.forEachRange(columns: columns) { first, end in
          if accumulates { Scalar.Kernels.fill(0, sums, first * columns, end * columns) }
          var slots = slots.baseAddress!
          for part in parts {
            part.merge(slots, sums, first, end, accumulates)
            slots += part.indices.count
          }
        }
      }
    }
    self.init(indices: numbering.rows, values: sums, denseShape: denseShape, isCoalesced: true)
  }

  /// The gradient of a table that was also an operand as a whole, so that every row has one: what arrived there, `sum`
  /// `[v, d]`, and then the contributions of its look-ups.
  init(merging parts: [(indices: [Int32], merge: RowLookup<Scalar>.Merge)], intoAllRows sum: Tensor<Scalar>) {
    var sums = sum
    sums.withMutablePointer { sums in
      Threads.forEachRange(of: sum.shape[0], operations: sum.shape[1], mostRanges: 8) { first, end in
        for part in parts { part.merge(part.indices, sums, first, end, true) }
      }
    }
    self.init(indices: Array(0..<Int32(sum.shape[0])), values: sums, denseShape: sum.shape, isCoalesced: true)
  }
}
