import SliceGradKernels

/// A look-up in a table: the rows that it read, and what the gradient of its result contributes to theirs.
struct RowLookup<Scalar: TensorScalar> {
  /// The row numbers `[nnz]`, one for each position; negative ones get no gradient.
  let indices: [Int32]
  /// Where the bags of row numbers begin and end, if they are in bags.
  var splits: [Int32]?
  /// The number of the fetched sums that answered it, if the rows are shared; see `FetchedRows`.
  var fetched: Int?
  /// The rows whose gradients are by design not the derivatives.
  var exemptRows: () -> Set<Int32> = { [] }
  /// From the gradient of the result to what each position contributes.
  let contributions: (_ gradient: Tensor<Scalar>) -> RowContribution<Scalar>.Kind
}

/// What a look-up contributes to the gradient of its table. It is kept as it lies: that of bags is never expanded to
/// `[nnz, d]`.
package struct RowContribution<Scalar: TensorScalar> {
  package let indices: [Int32]
  package let splits: [Int32]?
  /// The number of the fetched sums that answered the look-up, whose `indices` are then numbers of the whole table.
  package let fetched: Int?
  let kind: Kind

  enum Kind {
    /// Each position contributes the vector of its bag, a row of `[bags, d]`, times its weight if there are any. A
    /// position that is in no bag has a vector of its own.
    case vectors(Tensor<Scalar>, weights: Tensor<Scalar>?)
    /// Something else: adds up for the rows `first..<end` of `uses` what their uses contribute.
    case sums((_ uses: SliceGradUses, _ sums: UnsafeMutablePointer<Scalar>, _ first: Int, _ end: Int) -> Void)
  }

  /// The vectors of the bags, or of the positions if there are no bags; nil if there are also weights or the kind is
  /// another one.
  package var plainVectors: Tensor<Scalar>? {
    guard case .vectors(let vectors, weights: nil) = kind else { return nil }
    return vectors
  }

  init(_ lookup: RowLookup<Scalar>, of gradient: Tensor<Scalar>) {
    (indices, splits, fetched) = (lookup.indices, lookup.splits, lookup.fetched)
    kind = lookup.contributions(gradient)
  }

  /// Each position contributes the vector of its bag, times its factor if there are any.
  package init(_ bags: RaggedIndices, factors: Tensor<Scalar>?, vectors: Tensor<Scalar>) {
    (indices, splits, fetched) = (bags.values, bags.rowSplits, nil)
    kind = .vectors(vectors, weights: factors)
  }

  /// Each position contributes a vector of its own.
  package init(indices: [Int32], vectors: Tensor<Scalar>) {
    (self.indices, splits, fetched, kind) = (indices, nil, nil, .vectors(vectors, weights: nil))
  }
}

extension IndexedSlices {
  /// The gradient of a table of shape `denseShape` from all its look-ups in a step, each row once. The contributions
  /// are summed in the order of the look-ups, and of the positions in each.
  package init(merging parts: [RowContribution<Scalar>], denseShape: Shape) {
    let parts = JoinedContributions(parts)
    self.init(merging: parts.kinds, by: parts.merge, denseShape: denseShape)
  }

  /// The same of look-ups that are already joined.
  @specialized(where Scalar == Float)
  init(merging kinds: [RowContribution<Scalar>.Kind], by merge: RowMerge, denseShape: Shape) {
    let sums = Tensor<Scalar>(shape: [merge.rows.count, denseShape[1]]) { sums in
      merge.forEachRange(columns: denseShape[1]) { uses, first, end in
        for (kind, uses) in zip(kinds, uses) { kind.merge(uses, sums, first, end) }
      }
    }
    self.init(indices: merge.rows, values: sums, denseShape: denseShape, isCoalesced: true)
  }

  /// The gradient of a table that was also an operand as a whole, so that every row has one: what arrived there, `sum`
  /// `[v, d]`, and then the contributions of its look-ups.
  init(merging kinds: [RowContribution<Scalar>.Kind], by merge: RowMerge, intoAllRows sum: Tensor<Scalar>) {
    var sums = sum
    sums.withMutablePointer { sums in
      merge.forEachRange(columns: sum.shape[1], isWhole: true) { uses, first, end in
        for (kind, uses) in zip(kinds, uses) { kind.merge(uses, sums, first, end) }
      }
    }
    self.init(indices: Array(0..<Int32(sum.shape[0])), values: sums, denseShape: sum.shape, isCoalesced: true)
  }
}
