import SliceGradKernels

/// How far apart two vectors x and r are.
public enum Distance: String, Hashable, Sendable, CaseIterable {
  /// Σ |xⱼ − rⱼ|
  case l1
  /// √Σ (xⱼ − rⱼ)²
  case l2
  /// Σ (xⱼ − rⱼ)²
  case squaredL2
  /// Σ |xⱼ − rⱼ| of complex numbers. The first half of a vector has their real parts, the second half their imaginary
  /// parts.
  case complexL1

  fileprivate var kernel: SliceGradDistance {
    switch self {
    case .l1: SliceGradL1
    case .l2: SliceGradL2
    case .squaredL2: SliceGradSquaredL2
    case .complexL1: SliceGradComplexL1
    }
  }
}

extension Variable {
  /// The distance of each vector and each row.
  ///
  ///     let x = Variable(Tensor<Float>([[0, 0], [3, 0]]))
  ///     print(x.distances(to: Variable(Tensor([[3, 4]])), .l2).value)  // [[5],
  ///                                                                    //  [4]]
  ///
  /// PyTorch's `cdist` computes the L2 distance of many vectors from ‖x‖² − 2 x · r + ‖r‖², which loses half of the
  /// digits where two are close together. This takes their differences. Where the derivative doesn't exist, because two
  /// numbers or vectors are equal, it is taken to be 0.
  ///
  /// - Parameters:
  ///   - rows: `[k, d]`. Traps unless `self` is `[b, d]`, and on an odd d with `complexL1`.
  ///   - distance: which one.
  /// - Returns: `[b, k]`.
  /// - Complexity: O(b k d), here and on the way back.
  public func distances(to rows: Variable, _ distance: Distance) -> Variable {
    require(
      shape.rank == 2 && rows.shape.rank == 2 && shape[1] == rows.shape[1],
      "distances: \(shape) and \(rows.shape), expected [b, d] and [k, d]")
    let comparison = Comparison(vectors: value, rows: rows.value, lists: nil, distance)
    let distances = comparison.distances.reshaped(to: [shape[0], rows.shape[0]])
    return .recorded(
      distances,
      from: back { g in comparison.vectorGradient(g, distances) },
      rows.back { g in comparison.rowGradient(g, distances) })
  }
}

extension EmbeddingTable {
  /// The distance of each vector and each row of the table, `[b, v]` for x `[b, d]`.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     print(table.distances(to: Variable(Tensor([[1, 0]])), .l1).value)  // [[2, 6, 10]]
  ///
  /// The gradient has every row. Traps as `Variable.distances(to:_:)` does.
  ///
  /// - Complexity: O(b v d), here and on the way back.
  public func distances(to x: Variable<Scalar>, _ distance: Distance) -> Variable<Scalar> {
    x.distances(to: variable, distance)
  }

  /// The distance of each vector and each of some rows, which are the same for all vectors: `[b, k]` for k row numbers
  /// and x `[b, d]`. Traps on row numbers outside of `0..<v`, and as `Variable.distances(to:_:)` does.
  ///
  /// - Complexity: O(b k d), here and on the way back, however many rows the table has.
  public func distances(
    of rows: [some RowNumber], to x: Variable<Scalar>, _ distance: Distance
  ) -> Variable<Scalar> {
    let rows = type(of: rows).Element.asInt32(rows)
    check(rows, in: "distances")
    return x.distances(to: gather(rows), distance)
  }

  /// The distances of each vector of x `[b, d]` and the rows in the bag of its number: `[nnz]`, one for each row
  /// number.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     let x = Variable(Tensor<Float>([[1, 0], [5, 6]]))
  ///     print(table.distances(of: RaggedIndices([[0], [0, 2]]), to: x, .squaredL2).value)  // [4, 32, 0]
  ///
  /// Traps on row numbers outside of `0..<v`, on x of any other shape, and on an odd d with `complexL1`.
  ///
  /// - Complexity: O((b + nnz) d), here and on the way back, however many rows the table has. Nothing of size
  ///   `[nnz, d]` is made.
  public func distances(of rows: RaggedIndices, to x: Variable<Scalar>, _ distance: Distance) -> Variable<Scalar> {
    distances(of: rows, shape: [rows.values.count], to: x, distance)
  }

  /// The distances of each vector of x `[b, d]` and its own k rows, `[b, k]`. The row numbers have the shape `[b, k]`.
  /// Traps if they have another number of elements, and as the function for bags does.
  ///
  /// - Complexity: O(b k d), here and on the way back, however many rows the table has. Nothing of size `[b, k, d]` is
  ///   made.
  public func distances(
    of rows: [some RowNumber], shape: Shape, to x: Variable<Scalar>, _ distance: Distance
  ) -> Variable<Scalar> {
    distances(of: RaggedIndices(rows, shape: shape, in: "distances"), shape: shape, to: x, distance)
  }

  private func distances(
    of rows: RaggedIndices, shape: Shape, to x: Variable<Scalar>, _ distance: Distance
  ) -> Variable<Scalar> {
    check(rows.values, in: "distances")
    checkVectors(x, rank: 2, in: "distances")
    checkBags(rows, for: x, in: "distances")
    let (table, rows) = self.rows(rows, in: "distances")
    let comparison = Comparison(vectors: x.value, rows: table, lists: rows, distance)
    let distances = comparison.distances
    return .recorded(
      distances.reshaped(to: shape),
      from: x.back { g in comparison.vectorGradient(g, distances) },
      back {
        RowLookup(indices: rows.values, splits: rows.rowSplits) { g in
          .sums { uses, sums, first, end in comparison.merge(g, distances, uses, sums, first, end) }
        }
      })
  }
}

/// Vectors `[b, d]`, and the rows `[v, d]` with which each is compared: those in its list, or all of them.
private struct Comparison<Scalar: TensorScalar> {
  let vectors: Tensor<Scalar>
  let rows: Tensor<Scalar>
  let lists: RaggedIndices?
  let kind: SliceGradDistance

  init(vectors: Tensor<Scalar>, rows: Tensor<Scalar>, lists: RaggedIndices?, _ distance: Distance) {
    require(
      distance != .complexL1 || vectors.shape[1].isMultiple(of: 2),
      "distances: vectors of \(vectors.shape[1]) numbers are not real and imaginary parts")
    (self.vectors, self.rows, self.lists, kind) = (vectors, rows, lists, distance.kernel)
  }

  private var columns: Int { vectors.shape[1] }

  /// The distances of all positions, `[b · v]` without lists.
  var distances: Tensor<Scalar> {
    Tensor(shape: [lists?.values.count ?? vectors.shape[0] * rows.shape[0]]) { out in
      forEachRangeOfVectors { x, rows, lists, first, end in
        Scalar.Kernels.distances(rows, lists, x, kind, out, columns, first, end)
      }
    }
  }

  /// From the gradient of the distances to that of the vectors.
  func vectorGradient(_ g: Tensor<Scalar>, _ distances: Tensor<Scalar>) -> Tensor<Scalar> {
    Tensor(shape: vectors.shape) { out in
      withPointers(g, distances) { g, distances in
        forEachRangeOfVectors { x, rows, lists, first, end in
          Scalar.Kernels.distanceGradient(rows, lists, x, g, distances, kind, out, columns, first, end)
        }
      }
    }
  }

  /// From the gradient of the distances to that of all rows.
  func rowGradient(_ g: Tensor<Scalar>, _ distances: Tensor<Scalar>) -> Tensor<Scalar> {
    Tensor(shape: rows.shape) { out in
      withPointers(vectors, rows, g, distances) { x, rows, g, distances in
        let (count, v) = (vectors.shape[0], self.rows.shape[0])
        Threads.forEachRange(of: v, operations: count * columns) { first, end in
          Scalar.Kernels.distanceRowGradient(rows, x, g, distances, kind, out, count, v, columns, first, end)
        }
      }
    }
  }

  /// From the gradient of the distances to that of the rows `first..<end` among those with uses.
  func merge(
    _ g: Tensor<Scalar>, _ distances: Tensor<Scalar>, _ uses: SliceGradUses, _ sums: UnsafeMutablePointer<Scalar>,
    _ first: Int, _ end: Int
  ) {
    withPointers(vectors, rows, g, distances) { x, rows, g, distances in
      Scalar.Kernels.mergeDistances(rows, uses, x, g, distances, kind, sums, columns, first, end)
    }
  }

  private func forEachRangeOfVectors(
    _ body: (_ x: UnsafePointer<Scalar>, _ rows: UnsafePointer<Scalar>, SliceGradLists, Int, Int) -> Void
  ) {
    withPointers(vectors, rows) { x, table in
      withLists { lists in
        if let splits = self.lists?.rowSplits {
          Threads.forEachRange(ofBags: splits, operations: columns) { body(x, table, lists, $0, $1) }
        } else {
          Threads.forEachRange(of: vectors.shape[0], operations: rows.count) { body(x, table, lists, $0, $1) }
        }
      }
    }
  }

  private func withLists(_ body: (SliceGradLists) -> Void) {
    let count = rows.shape[0]
    guard let lists else { return body(SliceGradLists(rows: nil, splits: nil, count: count)) }
    lists.values.withUnsafeBufferPointer { values in
      lists.rowSplits.withUnsafeBufferPointer { splits in
        body(SliceGradLists(rows: values.baseAddress, splits: splits.baseAddress, count: count))
      }
    }
  }
}
