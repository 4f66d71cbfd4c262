/// A few rows of a matrix whose other rows are zero: the gradient of an embedding.
///
/// Rows may repeat; repeated rows count as their sum. It is never an operand of an operation: optimizers take it as it
/// is.
///
///     let rows = Tensor<Float>([[1, 2], [3, 4], [5, 6]])
///     let slices = IndexedSlices(indices: [3, 0, 3], values: rows, denseShape: [1000, 2])
///     print(slices.coalesced().indices)  // [3, 0]
///     print(slices.densified()[3, 1])  // 8.0
public struct IndexedSlices<Scalar: TensorScalar>: Equatable, Sendable {
  /// The row numbers `[n]`, each in `0..<v`.
  public let indices: [Int32]

  /// The rows `[n, d]`.
  public private(set) var values: Tensor<Scalar>

  /// The shape `[v, d]` of the whole matrix.
  public let denseShape: Shape

  /// Whether no row number repeats.
  public let isCoalesced: Bool

  /// Some rows of a matrix. Traps if the shapes don't fit or a row number is out of range.
  ///
  /// - Complexity: O(n).
  public init(indices: [Int32], values: Tensor<Scalar>, denseShape: Shape) {
    require(denseShape.rank == 2, "IndexedSlices: dense shape \(denseShape) is not [v, d]")
    require(
      values.shape == [indices.count, denseShape[1]],
      "IndexedSlices: values of shape \(values.shape), expected [\(indices.count), \(denseShape[1])]")
    if let problem = indices.problem(tableRows: denseShape[0]) { trap("IndexedSlices: \(problem)") }
    self.init(indices: indices, values: values, denseShape: denseShape, isCoalesced: indices.count < 2)
  }

  /// No rows of a matrix: all of it is zero.
  public init(denseShape: Shape) {
    require(denseShape.rank == 2, "IndexedSlices: dense shape \(denseShape) is not [v, d]")
    self.init(indices: [], values: Tensor(zeros: [0, denseShape[1]]), denseShape: denseShape)
  }

  init(indices: [Int32], values: Tensor<Scalar>, denseShape: Shape, isCoalesced: Bool) {
    self.indices = indices
    self.values = values
    self.denseShape = denseShape
    self.isCoalesced = isCoalesced
  }

  /// Whether both have the same rows in the same order.
  public static func == (left: IndexedSlices, right: IndexedSlices) -> Bool {
    left.denseShape == right.denseShape && left.indices == right.indices && left.values == right.values
  }

  /// The number of rows, repeats included.
  public var count: Int { indices.count }

  /// The same matrix with each row once, in the order of first appearance; repeats are summed in the order of their
  /// positions.
  ///
  /// - Complexity: O(n d), however many rows the matrix has.
  public func coalesced() -> IndexedSlices {
    if isCoalesced { return self }
    let merge = RowMerge([[.init(indices: indices)]])
    let columns = denseShape[1]
    let merged = Tensor<Scalar>(shape: [merge.rows.count, columns]) { sums in
      values.withPointer { rows in
        merge.forEachRange(columns: columns) { uses, first, end in
          Scalar.Kernels.mergeRows(rows, uses[0], nil, sums, columns, first, end)
        }
      }
    }
    return IndexedSlices(indices: merge.rows, values: merged, denseShape: denseShape, isCoalesced: true)
  }

  /// The whole matrix `[v, d]`, for inspection, for checks and for rules that need it.
  ///
  /// - Complexity: O(v d).
  public func densified() -> Tensor<Scalar> {
    var dense = Tensor<Scalar>(zeros: denseShape)
    dense.add(self, scaledBy: 1)
    return dense
  }

  /// The sum of the squares of the matrix's elements: repeats are summed first.
  public var squaredNorm: Double {
    isCoalesced ? values.squaredNorm : coalesced().values.squaredNorm
  }

  /// Each row once, with a function applied to the rows `[n, d]`.
  func mapped(_ function: (Tensor<Scalar>) -> Tensor<Scalar>) -> IndexedSlices {
    var result = coalesced()
    result.values = function(result.values)
    return result
  }

  /// Every row times a number.
  public static func * (slices: IndexedSlices, factor: Scalar) -> IndexedSlices {
    var result = slices
    result *= factor
    return result
  }

  /// Every row times a number, in place.
  public static func *= (slices: inout IndexedSlices, factor: Scalar) { slices.values *= factor }

  /// The sum of two matrices of one shape, as the rows of both, not yet coalesced. Traps if the shapes differ.
  public static func + (left: IndexedSlices, right: IndexedSlices) -> IndexedSlices {
    require(
      left.denseShape == right.denseShape,
      "IndexedSlices: \(left.denseShape) + \(right.denseShape): dense shapes differ")
    return IndexedSlices(
      indices: left.indices + right.indices, values: .concatenate([left.values, right.values], axis: 0),
      denseShape: left.denseShape, isCoalesced: left.count + right.count < 2)
  }

  /// Adds another matrix. Traps if the shapes differ.
  ///
  /// - Complexity: O((m + n) d) for m and n rows, as the rows are not yet merged.
  public static func += (left: inout IndexedSlices, right: IndexedSlices) { left = left + right }
}

extension Tensor {
  /// Adds a y to the rows of this tensor that y has: an update of a table `[v, d]` by a rule of your own. Repeated rows
  /// add up. Traps if the shapes differ.
  ///
  ///     var table = Tensor<Float>(ones: [3, 2])
  ///     table.add(IndexedSlices(indices: [2], values: Tensor([[10, 20]]), denseShape: [3, 2]), scaledBy: -0.5)
  ///     print(table.row(2))  // [-4, -9]
  ///
  /// - Complexity: O(n d) for n rows, however many the table has.
  public mutating func add(_ y: IndexedSlices<Scalar>, scaledBy a: Scalar) {
    require(shape == y.denseShape, "\(shape) += \(y.denseShape): in-place arithmetic needs equal shapes")
    guard y.values.count > 0 else { return }
    y.values.withPointer { rows in
      withMutablePointer { Scalar.Kernels.addRows(rows, y.indices, a, $0, y.count, y.denseShape[1]) }
    }
  }
}
