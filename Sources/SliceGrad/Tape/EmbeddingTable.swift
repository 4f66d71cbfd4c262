/// A table `[v, d]` of which a step reads a few rows: a leaf of a model, whose gradient is `IndexedSlices`.
///
///     let table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4], [5, 6]]))
///     print(table.gather([2]).value)  // [[5, 6]]
///     print(table)  // EmbeddingTable [3, 2]
///
/// `gather` and `embeddingBag` read rows of it, `scores` and `distances` compare vectors with rows of it. All of them
/// may be used in one step: the gradient has each row once. `variable` is the whole table as an operand.
public struct EmbeddingTable<Scalar: TensorScalar>: Equatable, Sendable, CustomStringConvertible {
  var storedValue: Tensor<Scalar>

  /// Where this is in the model that `valueWithGradients` passes to its closure; nil in any other.
  var place: LeafPlace?

  /// Which rows are here, if several processes share them; nil if all are.
  package var sharing: RowSharing?

  /// What was fetched of shared rows for a part of a step.
  package var fetched: FetchedRows<Scalar>?

  /// A table that starts with these numbers. Traps unless they are a matrix `[v, d]`.
  public init(_ value: Tensor<Scalar>) {
    require(value.rank == 2, "EmbeddingTable: shape \(value.shape) is not [v, d]")
    storedValue = value
  }

  /// The numbers `[v, d]`, or those of the rows that are here if several processes share them. Traps in a training
  /// step, where they would be a constant: nothing computed from them would have a gradient. Use look-ups or `variable`
  /// there, or `variable.detached()` for a constant.
  public var value: Tensor<Scalar> {
    get {
      place.requireNone("EmbeddingTable")
      return storedValue
    }
    _modify {
      place.requireNone("EmbeddingTable")
      defer { require(storedValue.rank == 2, "EmbeddingTable: shape \(storedValue.shape) is not [v, d]") }
      yield &storedValue
    }
  }

  /// `[v, d]`
  public var shape: Shape { [rowCount, columnCount] }

  /// v
  public var rowCount: Int { sharing?.rowCount ?? storedValue.shape[0] }

  /// d
  public var columnCount: Int { storedValue.shape[1] }

  /// Appends rows `[n, d]`, for words that are new. Traps if they have another length, in a training step, and if
  /// several processes share the rows.
  ///
  ///     var table = EmbeddingTable(Tensor<Float>([[1, 2], [3, 4]]))
  ///     table.appendRows(Tensor([[5, 6]]))
  ///     print(table.value.row(2))  // [5, 6]
  ///
  /// The rows that were there keep their numbers, and may keep their state: see `ModelOptimizer.takeWhatFits`.
  ///
  /// - Complexity: O((v + n) d).
  public mutating func appendRows(_ rows: Tensor<Scalar>) {
    require(
      rows.rank == 2 && rows.shape[1] == columnCount,
      "EmbeddingTable: rows of shape \(rows.shape) appended to \(shape), expected [n, \(columnCount)]")
    require(sharing == nil, "EmbeddingTable: rows appended to those of \(shape) that are on several ranks")
    value = .concatenate([value, rows], axis: 0)
  }

  /// The shape, without the numbers.
  public var description: String { "EmbeddingTable \(shape)" }

  public static func == (left: EmbeddingTable, right: EmbeddingTable) -> Bool {
    left.sharing == right.sharing && left.storedValue == right.storedValue
  }
}

extension EmbeddingTable {
  /// The whole table `[v, d]` as an operand. In a training step it is tracked, and its gradient has every row. Traps if
  /// several processes share the rows.
  ///
  /// - Complexity: O(1), and O(v d) on the way back.
  public var variable: Variable<Scalar> {
    require(sharing == nil, "the table \(shape) as an operand: its rows are on several ranks")
    return tracked
  }

  /// The rows that are here.
  private var tracked: Variable<Scalar> {
    guard let place else { return Variable(storedValue) }
    return Variable(storedValue, tape: place.tape(), index: place.index)
  }

  /// The way back from the result of a look-up to the rows that it read.
  func back(_ lookup: () -> RowLookup<Scalar>) -> Variable<Scalar>.WayBack {
    let table = tracked
    return Variable.WayBack(input: table, kind: table.isTracked ? .rows(lookup()) : nil)
  }
}
