// Look-ups of rows: the operations whose gradient is a few rows of a table.

/// How the rows of a bag are combined into one.
public enum BagMode: String, Hashable, Sendable, CaseIterable {
  /// Their sum; 0 for an empty bag.
  case sum
  /// Their mean; 0 for an empty bag.
  case mean
  /// Their maximum, column by column; 0 for an empty bag. Of equal numbers, the first one gets the gradient.
  case max
}

extension EmbeddingTable {
  /// The rows with the given numbers: a result of shape `indexShape + [d]`, where `indexShape` is the indices' shape.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     print(table.gather([2, 0]).value)  // [[5, 6],
  ///                                        //  [1, 2]]
  ///     print(table.gather([2, 0, 2, 1], shape: [2, 2]).shape)  // [2, 2, 2]
  ///
  /// - Parameters:
  ///   - indices: row numbers; traps outside of `0..<v`.
  ///   - shape: the indices' shape, `[n]` if nil; traps if it has another number of elements.
  ///   - paddingIndex: a row that gets no gradient.
  ///   - scalesGradientByFrequency: whether each row's gradient is divided by how often the row appears, as with
  ///     PyTorch's `scale_grad_by_freq`.
  /// - Complexity: O(n d) for n indices, here and on the way back, however many rows the table has.
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
    let (table, places) = rows(indices, in: "gather")
    let rows = table.gatheringRows(places, shape: Shape(Array(indexShape) + [columnCount]))
    return .recorded(
      rows,
      from: back {
        let kept = paddingIndex.map { padding in zip(indices, places).map { $0 == padding ? -1 : $1 } } ?? places
        var lookup = RowLookup<Scalar>.rows(
          kept, weights: scalesGradientByFrequency ? .inverseFrequencies(of: indices) : nil, columnCount)
        lookup.exemptRows = {
          (scalesGradientByFrequency ? indices.repeated : []).union(indices.filter { $0 == paddingIndex })
        }
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
      indices.flatMap(\.self), shape: [indices.count, length], paddingIndex: paddingIndex,
      scalesGradientByFrequency: scalesGradientByFrequency)
  }

  /// A row for each bag of row numbers: the sum, mean or maximum of the rows in it, `[bags, d]`.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     print(table.embeddingBag(RaggedIndices([[0, 1], [2]])).value)  // [[2, 3],
  ///                                                                    //  [5, 6]]
  ///
  /// - Parameters:
  ///   - bags: row numbers; traps outside of `0..<v`. Counts are how often a row is there.
  ///   - mode: how the rows of a bag are combined.
  ///   - weights: `[nnz]`, with mode `sum` and bags without counts only: each row is first multiplied by its own
  ///     weight. A gradient flows to the weights.
  ///   - paddingIndex: a row that doesn't count, neither in the result nor in the gradient.
  /// - Complexity: O((bags + nnz) d) for nnz row numbers in all bags, here and on the way back, however many rows the
  ///   table has.
  @specialized(where Scalar == Float)
  public func embeddingBag(
    _ bags: RaggedIndices, mode: BagMode = .mean, weights: Variable<Scalar>? = nil, paddingIndex: Int32? = nil
  ) -> Variable<Scalar> {
    check(bags.values, paddingIndex, in: "embeddingBag")
    if let weights {
      require(mode == .sum, "embeddingBag: weights go with mode sum, not \(mode)")
      require(bags.counts == nil, "embeddingBag: weights of row numbers that have counts")
      require(
        weights.shape == [bags.values.count],
        "embeddingBag: weights of shape \(weights.shape) for \(bags.values.count) row numbers")
    }
    if let paddingIndex, bags.values.contains(paddingIndex) {
      let (kept, positions) = bags.removing(paddingIndex)
      return embeddingBag(kept, mode: mode, weights: weights?.gather(positions))
    }
    if mode != .max, weights == nil, let fetched = fetchedSums(of: bags) {
      return bagSum(bags, isMean: mode == .mean, fetched: fetched)
    }
    let (table, bags) = rows(bags, in: "embeddingBag")
    return mode == .max
      ? bagMaximum(bags, table) : bagSum(bags, table, isMean: mode == .mean, weights: weights)
  }

  /// The sums or means of bags whose sums were fetched.
  private func bagSum(_ bags: RaggedIndices, isMean: Bool, fetched number: Int) -> Variable<Scalar> {
    let sums = fetched!.bagSums[number].sums
    return .recorded(
      isMean ? sums.dividedByBagLength(bags) : sums,
      from: back {
        var lookup = RowLookup<Scalar>.bags(bags) { g in (isMean ? g.dividedByBagLength(bags) : g, nil) }
        lookup.fetched = number
        return lookup
      })
  }

  private func bagSum(
    _ bags: RaggedIndices, _ table: Tensor<Scalar>, isMean: Bool, weights: Variable<Scalar>?
  ) -> Variable<Scalar> {
    let factors = weights?.value ?? bags.factors()
    return .recorded(
      table.sums(ofRowsIn: bags, weights: factors, isMean: isMean),
      from: back {
        .bags(bags) { g in (isMean ? g.dividedByBagLength(bags) : g, factors) }
      },
      weights?.back { g in  // ∂/∂wᵢ = g[bag of i] · row i
        table.dotProducts(ofRowsIn: bags, with: g).reshaped(to: factors!.shape)
      })
  }

  private func bagMaximum(_ bags: RaggedIndices, _ table: Tensor<Scalar>) -> Variable<Scalar> {
    let (maxima, winners) = table.maxima(ofRowsIn: bags)
    return .recorded(maxima, from: back { .maxima(bags, winners: winners, columnCount) })
  }

  func check(_ indices: [Int32], _ paddingIndex: Int32? = nil, in operation: String) {
    if let paddingIndex {
      require(
        (0..<rowCount).contains(Int(paddingIndex)),
        "\(operation): paddingIndex \(paddingIndex) is not in 0..<\(rowCount)")
    }
    if let problem = indices.problem(tableRows: rowCount) { trap("\(operation): \(problem)") }
  }
}

// What the three kinds of look-ups contribute to the gradients of rows of d elements.
extension RowLookup {
  /// Position i gets row i of the gradient `[n, d]`, times its weight.
  fileprivate static func rows(_ indices: [Int32], weights: Tensor<Scalar>?, _ d: Int) -> RowLookup {
    RowLookup(indices: indices) { g in .vectors(g.reshaped(to: [indices.count, d]), weights: weights) }
  }

  /// Each position of bag b gets row b of `vectors` `[bags, d]`, times the position's weight if there are any. Both
  /// follow from the gradient.
  static func bags(
    _ bags: RaggedIndices,
    of factors: @escaping (_ gradient: Tensor<Scalar>) -> (vectors: Tensor<Scalar>, weights: Tensor<Scalar>?)
  ) -> RowLookup {
    RowLookup(indices: bags.values, splits: bags.rowSplits) { gradient in
      let (vectors, weights) = factors(gradient)
      return .vectors(vectors, weights: weights)
    }
  }

  /// Element [b, j] of the gradient goes to position `winners[b * d + j]`, or nowhere if that is −1. So some rows may
  /// get none.
  fileprivate static func maxima(_ bags: RaggedIndices, winners: [Int32], _ d: Int) -> RowLookup {
    RowLookup(indices: bags.values, splits: bags.rowSplits) { gradient in
      .sums { uses, sums, first, end in
        gradient.withPointer { Scalar.Kernels.mergeMaxima($0, uses, winners, sums, d, first, end) }
      }
    }
  }
}

extension Tensor {
  /// For each of the row numbers, 1 divided by how often it appears.
  fileprivate static func inverseFrequencies(of indices: [Int32]) -> Tensor {
    let (rows, places) = indices.distinct
    var appearances = [Scalar](repeating: 0, count: rows.count)
    for place in places { appearances[Int(place)] += 1 }
    return Tensor(places.map { 1 / appearances[Int($0)] })
  }

  package func gatheringRows(_ indices: [Int32], shape: Shape) -> Tensor {
    let columns = count / Swift.max(self.shape[0], 1)
    return Tensor(shape: shape) { out in
      withPointer { table in
        Threads.forEachRange(of: indices.count, operations: columns) {
          Scalar.Kernels.gather(table, indices, out, columns, $0, $1)
        }
      }
    }
  }

  /// The sum `[bags, d]` of the rows in each bag, or their mean; each row first times its weight, if there are any, or
  /// else its count.
  package func sums(ofRowsIn bags: RaggedIndices, weights: Tensor? = nil, isMean: Bool = false) -> Tensor {
    let (columns, weights) = (shape[1], weights ?? bags.factors())
    let divides = isMean && bags.counts == nil  // The kernel knows how long bags without counts are.
    let sums = Tensor(shape: [bags.bagCount, columns]) { out in
      withPointers(self, weights) { table, weights in
        Threads.forEachRange(ofBags: bags.rowSplits, operations: columns) {
          Scalar.Kernels.bagSum(table, bags.values, bags.rowSplits, weights, out, columns, isMean: divides, $0, $1)
        }
      }
    }
    return isMean && !divides ? sums.dividedByBagLength(bags) : sums
  }

  /// The maxima `[bags, d]` of the rows in each bag, and for each the position that it is from, −1 in an empty bag.
  func maxima(ofRowsIn bags: RaggedIndices) -> (maxima: Tensor, winners: [Int32]) {
    let columns = shape[1]
    var maxima = Tensor(uninitialized: [bags.bagCount, columns])
    let winners = [Int32](unsafeUninitializedCapacity: maxima.count) { winners, count in
      count = maxima.count
      guard let winners = winners.baseAddress else { return }
      withPointer { table in
        maxima.withMutablePointer { out in
          Threads.forEachRange(ofBags: bags.rowSplits, operations: columns) {
            Scalar.Kernels.bagMaximum(table, bags.values, bags.rowSplits, out, winners, columns, $0, $1)
          }
        }
      }
    }
    return (maxima, winners)
  }

  /// For each position the dot product `[positions]` of its row and the vector of its bag, which is a row of `vectors`
  /// `[bags, d]`.
  func dotProducts(ofRowsIn bags: RaggedIndices, with vectors: Tensor) -> Tensor {
    let columns = shape[1]
    return Tensor(shape: [bags.values.count]) { out in
      withPointers(self, vectors) { table, vectors in
        Threads.forEachRange(ofBags: bags.rowSplits, operations: columns) {
          Scalar.Kernels.bagDotProducts(table, bags.values, bags.rowSplits, vectors, out, columns, $0, $1)
        }
      }
    }
  }

  /// Each row divided by the length of its bag. The rows of empty bags stay as they are.
  func dividedByBagLength(_ bags: RaggedIndices) -> Tensor {
    let (splits, bags, columns) = (bags.expandedSplits, shape[0], shape[1])
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
  /// The parts with the given indices along the first axis: `[n, …]` of a value `[v, …]`. Traps on indices outside of
  /// `0..<v`.
  ///
  ///     let x = Variable(Tensor<Float>([10, 20, 30]))
  ///     print(x.gather([2, 0, 2]).value)  // [30, 10, 30]
  ///
  /// - Complexity: O(n d) for parts of d elements, and O(v d) on the way back, where the gradient is dense. For the
  ///   rows of a large table, use an `EmbeddingTable`.
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

extension [Int32] {
  /// The row numbers that appear more than once.
  fileprivate var repeated: Set<Int32> {
    var seen: Set<Int32> = []
    return Set(filter { !seen.insert($0).inserted })
  }
}
