// Scores of rows: a table as the other side of a product, where rows are compared with vectors instead of being read.

extension EmbeddingTable {
  /// The dot product of each vector of x and each row of the table.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     print(table.scores(against: Variable(Tensor([[1, 0], [0, 10]]))).value)  // [[1, 3, 5],
  ///                                                                              //  [20, 40, 60]]
  ///
  /// The gradient has every row, and joins that of the rows that are looked up in the same step: so one table can be a
  /// model's input and its output (tied weights; Press and Wolf, “Using the Output Embedding to Improve Language
  /// Models”, 2017).
  ///
  /// - Parameter x: `[…, d]`. Traps on another last dimension than the table's columns.
  /// - Returns: `[…, v]`.
  /// - Complexity: O(n v d) for n vectors, here and on the way back.
  public func scores(against x: Variable<Scalar>) -> Variable<Scalar> {
    checkVectors(x, rank: nil, in: "scores")
    return x.linear(weight: variable, bias: nil)
  }

  /// The dot product of each vector of x and each of some rows, which are the same for all vectors: the candidates of a
  /// batch, or the negatives that it shares.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     print(table.scores(of: [2, 0], against: Variable(Tensor([[1, 0], [0, 10]]))).value)  // [[5, 1],
  ///                                                                                          //  [60, 20]]
  ///
  /// - Parameters:
  ///   - rows: k row numbers, which may repeat; traps outside of `0..<v`.
  ///   - x: `[…, d]`. Traps on another last dimension than the table's columns.
  /// - Returns: `[…, k]`.
  /// - Complexity: O(n k d) for n vectors, here and on the way back, however many rows the table has.
  public func scores(of rows: [some RowNumber], against x: Variable<Scalar>) -> Variable<Scalar> {
    let rows = type(of: rows).Element.asInt32(rows)
    check(rows, in: "scores")
    checkVectors(x, rank: nil, in: "scores")
    return x.linear(weight: gather(rows), bias: nil)
  }

  /// The dot products of each vector of x and the rows in the bag of its number.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     let x = Variable(Tensor<Float>([[1, 0], [0, 10]]))
  ///     print(table.scores(of: RaggedIndices([[2], [0, 1, 1]]), against: x).value)  // [5, 20, 40, 40]
  ///
  /// It is the mirror image of `embeddingBag`: the way back to x is a bag, weighted by the gradient.
  ///
  /// - Parameters:
  ///   - rows: b bags of row numbers, which may repeat and be empty; traps outside of `0..<v`.
  ///   - x: `[b, d]`; traps on any other shape.
  /// - Returns: `[nnz]`, a score for each row number.
  /// - Complexity: O((b + nnz) d), here and on the way back, however many rows the table has. Nothing of size
  ///   `[nnz, d]` is made.
  public func scores(of rows: RaggedIndices, against x: Variable<Scalar>) -> Variable<Scalar> {
    scores(of: rows, shape: [rows.values.count], against: x)
  }

  /// The dot products of each vector of x and its own k rows.
  ///
  ///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
  ///     let x = Variable(Tensor<Float>([[1, 0], [0, 10]]))
  ///     print(table.scores(of: [2, 1, 0, 0], shape: [2, 2], against: x).value)  // [[5, 3],
  ///                                                                             //  [20, 20]]
  ///
  /// - Parameters:
  ///   - rows: row numbers, which may repeat; traps outside of `0..<v`.
  ///   - shape: that of the row numbers, `[b, k]`; traps if it has another number of elements.
  ///   - x: `[b, d]`; traps on any other shape.
  /// - Returns: `[b, k]`.
  /// - Complexity: O(b k d), here and on the way back, however many rows the table has. Nothing of size `[b, k, d]` is
  ///   made.
  public func scores(of rows: [some RowNumber], shape: Shape, against x: Variable<Scalar>) -> Variable<Scalar> {
    scores(of: RaggedIndices(rows, shape: shape, in: "scores"), shape: shape, against: x)
  }

  private func scores(of rows: RaggedIndices, shape: Shape, against x: Variable<Scalar>) -> Variable<Scalar> {
    check(rows.values, in: "scores")
    checkVectors(x, rank: 2, in: "scores")
    checkBags(rows, for: x, in: "scores")
    let (vectors, (table, rows)) = (x.value, self.rows(rows, in: "scores"))
    return .recorded(
      table.dotProducts(ofRowsIn: rows, with: vectors).reshaped(to: shape),
      from: x.back { g in table.sums(ofRowsIn: rows, weights: g) },  // ∂L/∂x_b = Σ gᵢ · row i
      back { .bags(rows) { g in (vectors, g) } })  // ∂L/∂row i = gᵢ · x_b
  }

  /// Traps unless the vectors have as many elements as the table has columns.
  func checkVectors(_ x: Variable<Scalar>, rank: Int?, in operation: String) {
    require(
      x.shape.rank >= 1 && x.shape[-1] == columnCount && rank ?? x.shape.rank == x.shape.rank,
      "\(operation): x of shape \(x.shape) for a table of shape \(shape), "
        + "expected [\(rank == 2 ? "b" : "…"), \(columnCount)]")
  }

  /// Traps unless there is a bag for each vector, without counts.
  func checkBags(_ rows: RaggedIndices, for x: Variable<Scalar>, in operation: String) {
    rows.requireNoCounts(in: operation)
    require(
      rows.bagCount == x.shape[0], "\(operation): rows for \(rows.bagCount) vectors, but x of shape \(x.shape)")
  }
}

extension RaggedIndices {
  /// Bags of equal length, given by the shape `[b, k]` of the row numbers.
  init(_ rows: [some RowNumber], shape: Shape, in operation: String) {
    require(
      shape.rank == 2 && shape.elementCount == rows.count,
      "\(operation): \(rows.count) row numbers for shape \(shape), expected [b, k] with that many elements")
    self.init(values: type(of: rows).Element.asInt32(rows), rowSplits: (0...shape[0]).map { Int32($0 * shape[1]) })
  }
}
