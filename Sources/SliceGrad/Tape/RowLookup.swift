/// Which rows of a table a look-up read, and so where its gradient belongs.
struct RowLookup<Scalar: TensorScalar> {
  /// How the positions of `indices` relate to the rows `[b, d]` of the result.
  enum Arrangement {
    /// Position i gave row i.
    case rows
    /// Row b is the sum, or the mean, of the positions `splits[b]..<splits[b + 1]`.
    case bags(splits: [Int32], isMean: Bool)
    /// Element [b, j] came from position `winners[b * d + j]`; −1 from none.
    case maxima(winners: [Int32])
  }

  /// The row numbers `[nnz]`; negative ones get no gradient.
  let indices: [Int32]
  let arrangement: Arrangement
  /// What each position's row was multiplied by; nil: by 1.
  var weights: Tensor<Scalar>?
}

/// A look-up together with the gradient `[b, d]` of its result.
struct RowGradient<Scalar: TensorScalar> {
  let lookup: RowLookup<Scalar>
  let gradient: Tensor<Scalar>

  init(lookup: RowLookup<Scalar>, gradient: Tensor<Scalar>) {
    self.lookup = lookup
    if case .bags(let splits, isMean: true) = lookup.arrangement {
      self.gradient = gradient.dividedByBagLength(splits)
    } else {
      self.gradient = gradient
    }
  }

  /// Merges the parts of a range of slots into `sums` `[slots, d]`, whose contents count if it `accumulates`; otherwise
  /// this has to be the only look-up. A bag's gradient is read where it lies, never spread to `[nnz, d]`.
  func merge(
    slots: UnsafePointer<Int32>, _ first: Int, _ end: Int, into sums: UnsafeMutablePointer<Scalar>, columns: Int,
    accumulates: Bool
  ) {
    guard gradient.count > 0 else { return }
    gradient.withPointer { gradient in
      lookup.weights.withPointer { weights in
        switch lookup.arrangement {
        case .rows:
          Scalar.Kernels.mergeRows(
            gradient, slots, weights, sums, lookup.indices.count, columns, first, end, accumulates: accumulates)
        case .bags(let splits, _):
          Scalar.Kernels.mergeBags(
            gradient, slots, splits, weights, sums, splits.count - 1, columns, first, end, accumulates: accumulates)
        case .maxima(let winners):
          Scalar.Kernels.mergeBagMaxima(gradient, slots, winners, sums, winners.count / max(columns, 1), columns)
        }
      }
    }
  }

  fileprivate var isOfMaxima: Bool { if case .maxima = lookup.arrangement { true } else { false } }
}

extension IndexedSlices {
  /// The gradient of a table of shape `denseShape` from all its look-ups in a step, each row once. The contributions
  /// are summed in the order of the look-ups, and of the positions in each.
  init(merging parts: [RowGradient<Scalar>], denseShape: Shape) {
    let columns = denseShape[1]
    let indices = parts.count == 1 ? parts[0].lookup.indices : parts.flatMap(\.lookup.indices)
    let numbering = RowNumbering(indices)
    // The maxima of a bag need not touch all its rows.
    let hasMaxima = parts.contains { $0.isOfMaxima }
    let accumulates = parts.count > 1 || hasMaxima
    let sums = Tensor<Scalar>(shape: [numbering.rows.count, columns]) { sums in
      numbering.slots.withUnsafeBufferPointer { slots in
        func merge(_ first: Int, _ end: Int) {
          if accumulates { Scalar.Kernels.fill(0, sums, first * columns, end * columns) }
          var start = slots.baseAddress!
          for part in parts {
            part.merge(slots: start, first, end, into: sums, columns: columns, accumulates: accumulates)
            start += part.lookup.indices.count
          }
        }
        if hasMaxima { merge(0, numbering.rows.count) } else { numbering.forEachRange(columns: columns, merge) }
      }
    }
    self.init(indices: numbering.rows, values: sums, denseShape: denseShape, isCoalesced: true)
  }
}
