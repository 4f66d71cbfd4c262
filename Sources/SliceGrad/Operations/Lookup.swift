// Look-ups of rows: the operations whose gradient is a few rows of a table.

/// How the rows of a bag become one.
public enum BagMode: String, Hashable, Sendable, CaseIterable {
  /// Their sum; 0 for an empty bag.
  case sum
  /// Their mean; 0 for an empty bag.
  case mean
  /// Their maximum, column by column; 0 for an empty bag. Among equal ones the gradient goes to the first.
  case max
}

extension EmbeddingTable {
  /// The whole table `[v, d]` as an operand. In a training step it is tracked, and its gradient has every row.
  ///
  /// Take it once in a step, as every access counts as a look-up of its own.
  ///
  /// - Complexity: O(v) here in a training step, O(v d) on the way back.
  public var variable: Variable<Scalar> {
    .recorded(storedValue, from: back { .rows(Array(0..<Int32(rowCount)), weights: nil, columnCount) })
  }

  /// The rows with the given numbers: a result of shape `indexShape + [d]`, where `indexShape` is the indices' shape.
  ///
  ///     table.gather([3, 1, 3])                   // [3, d]
  ///     table.gather([3, 1, 3, 0], shape: [2, 2]) // [2, 2, d]
  ///
  /// - Parameters:
  ///   - indices: row numbers; traps outside of `0..<v`.
  ///   - shape: the indices' shape, `[n]` if nil; traps if its number of elements isn't theirs.
  ///   - paddingIndex: a row that gets no gradient.
  ///   - scalesGradientByFrequency: whether each row's gradient is divided by the number of its appearances, as with
  ///     PyTorch's `scale_grad_by_freq`.
  @specialized(where Scalar == Float, Row == Int32)
  @specialized(where Scalar == Float, Row == Int)
  public func gather<Row: RowNumber>(
    _ indices: [Row], shape: Shape? = nil, paddingIndex: Int32? = nil, scalesGradientByFrequency: Bool = false
  ) -> Variable<Scalar> {
    let (indices, indexShape) = (Row.asInt32(indices), shape ?? [indices.count])
    require(
      indexShape.elementCount == indices.count,
      "gather: \(indices.count) indices for shape \(indexShape), which has \(indexShape.elementCount)")
    check(indices, paddingIndex, in: "gather")
    let rows = storedValue.gatheringRows(indices, shape: Shape(Array(indexShape) + [columnCount]))
    return .recorded(
      rows,
      from: back {
        let kept = paddingIndex.map { padding in indices.map { $0 == padding ? -1 : $0 } } ?? indices
        var lookup = RowLookup<Scalar>.rows(
          kept, weights: scalesGradientByFrequency ? .inverseFrequencies(of: indices) : nil, columnCount)
        (lookup.paddingIndex, lookup.isScaledByFrequency) = (paddingIndex, scalesGradientByFrequency)
        return lookup
      })
  }

  /// The rows with the given numbers, as `[n, m, d]` for n lists of m numbers. Traps if the lists' lengths differ.
  public func gather(
    _ indices: [[some RowNumber]], paddingIndex: Int32? = nil, scalesGradientByFrequency: Bool = false
  ) -> Variable<Scalar> {
    let length = indices.first?.count ?? 0
    for (i, list) in indices.enumerated() {
      require(list.count == length, "gather: list \(i) has \(list.count) indices, list 0 has \(length)")
    }
    return gather(
      Array(indices.joined()), shape: [indices.count, length], paddingIndex: paddingIndex,
      scalesGradientByFrequency: scalesGradientByFrequency)
  }

  /// A row for each bag of row numbers: the sum, mean or maximum of the rows in it, `[bags, d]`.
  ///
  /// - Parameters:
  ///   - bags: row numbers; traps outside of `0..<v`.
  ///   - mode: how a bag's rows become one.
  ///   - weights: `[nnz]`, with mode `sum` only: each row is multiplied by its own weight first. A gradient flows to
  ///     them.
  ///   - paddingIndex: a row that doesn't count, neither in the result nor in the gradient.
  @specialized(where Scalar == Float)
  public func embeddingBag(
    _ bags: RaggedIndices, mode: BagMode = .mean, weights: Variable<Scalar>? = nil, paddingIndex: Int32? = nil
  ) -> Variable<Scalar> {
    check(bags.values, paddingIndex, in: "embeddingBag")
    if let weights {
      require(mode == .sum, "embeddingBag: weights go with mode sum, not \(mode)")
      require(
        weights.shape == [bags.values.count],
        "embeddingBag: weights of shape \(weights.shape) for \(bags.values.count) row numbers")
    }
    if let paddingIndex, bags.values.contains(paddingIndex) {
      let (kept, positions) = bags.removing(paddingIndex)
      return embeddingBag(kept, mode: mode, weights: weights?.gather(positions))
    }
    return mode == .max ? bagMaximum(bags) : bagSum(bags, isMean: mode == .mean, weights: weights)
  }

  private func bagSum(_ bags: RaggedIndices, isMean: Bool, weights: Variable<Scalar>?) -> Variable<Scalar> {
    let (table, columns) = (storedValue, columnCount)
    let operations = (bags.values.count / max(bags.bagCount, 1) + 1) * columns
    let sums = Tensor<Scalar>(shape: [bags.bagCount, columns]) { out in
      withPointers(table, weights?.value) { table, weights in
        Threads.forEachRange(of: bags.bagCount, operations: operations) {
          Scalar.Kernels.bagSum(table, bags.values, bags.rowSplits, weights, out, columns, isMean: isMean, $0, $1)
        }
      }
    }
    return .recorded(
      sums, from: back { .bags(bags, isMean: isMean, weights: weights?.value, columns) },
      weights?.back { [shape = weights!.shape] g in  // ∂/∂wᵢ = g[bag of i] · row i
        Tensor(shape: shape) { out in
          withPointers(table, g) {
            Scalar.Kernels.bagWeightGradient($0, bags.values, bags.rowSplits, $1, out, bags.bagCount, columns)
          }
        }
      })
  }

  private func bagMaximum(_ bags: RaggedIndices) -> Variable<Scalar> {
    var winners = [Int32](repeating: -1, count: bags.bagCount * columnCount)
    let maxima = Tensor<Scalar>(shape: [bags.bagCount, columnCount]) { out in
      storedValue.withPointer {
        Scalar.Kernels.bagMaximum($0, bags.values, bags.rowSplits, out, &winners, bags.bagCount, columnCount)
      }
    }
    return .recorded(maxima, from: back { .maxima(bags, winners: winners, columnCount) })
  }

  private func check(_ indices: [Int32], _ paddingIndex: Int32?, in operation: String) {
    if let paddingIndex {
      require(
        (0..<rowCount).contains(Int(paddingIndex)),
        "\(operation): paddingIndex \(paddingIndex) is not in 0..<\(rowCount)")
    }
    if let problem = indices.problem(tableRows: rowCount) { trap("\(operation): \(problem)") }
  }
}

// What the gradients of the three kinds of look-ups contribute to rows of d elements.
extension RowLookup {
  /// Position i gave row i of the result, times its weight.
  fileprivate static func rows(_ indices: [Int32], weights: Tensor<Scalar>?, _ d: Int) -> RowLookup {
    RowLookup(indices: indices) { gradient in
      { slots, sums, first, end, accumulates in
        withPointers(gradient, weights) {
          Scalar.Kernels.mergeRows($0, slots, $1, sums, indices.count, d, first, end, accumulates: accumulates)
        }
      }
    }
  }

  /// Bag b's positions were summed, each times its weight, or averaged.
  fileprivate static func bags(_ bags: RaggedIndices, isMean: Bool, weights: Tensor<Scalar>?, _ d: Int) -> RowLookup {
    let splits = bags.rowSplits
    return RowLookup(indices: bags.values) { gradient in
      let gradient = isMean ? gradient.dividedByBagLength(splits) : gradient
      return { slots, sums, first, end, accumulates in
        withPointers(gradient, weights) {
          Scalar.Kernels.mergeBags(
            $0, slots, splits, $1, sums, bags.bagCount, d, first, end, accumulates: accumulates)
        }
      }
    }
  }

  /// Element [b, j] came from position `winners[b * d + j]`, from none if that is −1: not all rows get a gradient.
  fileprivate static func maxima(_ bags: RaggedIndices, winners: [Int32], _ d: Int) -> RowLookup {
    RowLookup(indices: bags.values) { gradient in
      { slots, sums, first, end, accumulates in
        if !accumulates { Scalar.Kernels.fill(0, sums, first * d, end * d) }
        gradient.withPointer { Scalar.Kernels.mergeBagMaxima($0, slots, winners, sums, bags.bagCount, d, first, end) }
      }
    }
  }
}

extension Tensor {
  /// For each of some row numbers 1 / the number of its appearances.
  fileprivate static func inverseFrequencies(of indices: [Int32]) -> Tensor {
    let numbering = RowNumbering(indices)
    var appearances = [Scalar](repeating: 0, count: numbering.rows.count)
    for slot in numbering.slots { appearances[Int(slot)] += 1 }
    return Tensor(numbering.slots.map { 1 / appearances[Int($0)] })
  }

  fileprivate func gatheringRows(_ indices: [Int32], shape: Shape) -> Tensor {
    let columns = count / Swift.max(self.shape[0], 1)
    return Tensor(shape: shape) { out in
      withPointer { table in
        Threads.forEachRange(of: indices.count, operations: columns) {
          Scalar.Kernels.gather(table, indices, out, columns, $0, $1)
        }
      }
    }
  }

  /// Each row divided by the length of its bag; those of empty bags stay.
  func dividedByBagLength(_ splits: [Int32]) -> Tensor {
    let (bags, columns) = (shape[0], shape[1])
    return Tensor(shape: shape) { out in
      withPointer { x in
        Threads.forEachRange(of: bags, operations: columns) {
          Scalar.Kernels.divideByBagLength(x, splits, out, columns, $0, $1)
        }
      }
    }
  }
}

extension Variable {
  /// The parts along the first axis with the given numbers: of a `[v, …]`, `[n, …]`. The gradient is dense: for the
  /// rows of a large table use an `EmbeddingTable`. Traps on numbers outside of `0..<v`.
  public func gather<Row: RowNumber>(_ indices: [Row]) -> Variable {
    require(shape.rank >= 1, "gather: a scalar has no rows")
    let indices = Row.asInt32(indices)
    if let problem = indices.problem(tableRows: shape[0]) { trap("gather: \(problem)") }
    let whole = shape
    let columns = whole.elementCount(of: 1..<whole.rank)
    return .recorded(
      value.gatheringRows(indices, shape: Shape([indices.count] + whole.dropFirst())),
      from: back { g in
        IndexedSlices(
          indices: indices, values: g.reshaped(to: [indices.count, columns]), denseShape: [whole[0], columns]
        ).densified().reshaped(to: whole)
      })
  }
}

extension RaggedIndices {
  /// The bags without one row number, and the positions of those that are left.
  fileprivate func removing(_ row: Int32) -> (RaggedIndices, positions: [Int32]) {
    let positions = values.indices.lazy.filter { values[$0] != row }.map(Int32.init)
    var splits: [Int32] = [0]
    for bag in 0..<bagCount {
      let kept = values[Int(rowSplits[bag])..<Int(rowSplits[bag + 1])].count { $0 != row }
      splits.append(splits[bag] + Int32(kept))
    }
    return (RaggedIndices(values: positions.map { values[Int($0)] }, rowSplits: splits), Array(positions))
  }
}
