/// A vector of `columns` numbers for each of `rows` things.
///
///     let layer = Embedding<Float>(weight: Tensor([[1, 2], [3, 4], [5, 6]]))
///     print(layer([2, 0]).value)  // [[5, 6],
///                                 //  [1, 2]]
///     print(layer)  // Embedding(3 × 2)
///
/// - Input: row numbers, `[n]`, lists of them `[n, m]`, row numbers with a shape, or bags of different lengths.
/// - Output: the input's shape, followed by `[columns]`; for bags, `Sequences`.
public struct Embedding<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  public typealias Input = [Int32]

  /// The vectors `[rows, columns]`.
  public var weight: EmbeddingTable<Scalar>

  /// A row that training leaves as it is: it gets no gradient.
  public var paddingIndex: Int32?

  /// A layer with normally distributed vectors, and zeros in the padding row. Traps if there is no such row.
  public init(
    rows: Int, columns: Int, paddingIndex: Int32? = nil, standardDeviation: Scalar = 1,
    using generator: inout RandomGenerator
  ) {
    var table = Tensor<Scalar>(normal: [rows, columns], standardDeviation: standardDeviation, using: &generator)
    if let paddingIndex {
      require(0 <= paddingIndex && paddingIndex < rows, "Embedding: paddingIndex \(paddingIndex) is not in 0..<\(rows)")
      for column in 0..<columns { table[Int(paddingIndex), column] = 0 }
    }
    self.init(weight: table, paddingIndex: paddingIndex)
  }

  /// A layer with these vectors `[rows, columns]`.
  public init(weight: Tensor<Scalar>, paddingIndex: Int32? = nil) {
    self.init(weight: EmbeddingTable(weight), paddingIndex: paddingIndex)
  }

  /// A layer with a table that is there already.
  public init(weight: EmbeddingTable<Scalar>, paddingIndex: Int32? = nil) {
    self.weight = weight
    self.paddingIndex = paddingIndex
  }

  /// The vectors of these rows: `[n]` to `[n, columns]`; see `EmbeddingTable.gather`.
  public func callAsFunction(_ indices: [some RowNumber]) -> Variable<Scalar> {
    weight.gather(indices, paddingIndex: paddingIndex)
  }

  /// The vectors of these rows, whose numbers have a shape: `shape` to `shape + [columns]`.
  public func callAsFunction(_ indices: [some RowNumber], shape: Shape) -> Variable<Scalar> {
    weight.gather(indices, shape: shape, paddingIndex: paddingIndex)
  }

  /// The vectors for n lists of m row numbers, `[n, m, columns]`. Traps if the lists' lengths differ.
  public func callAsFunction(_ indices: [[some RowNumber]]) -> Variable<Scalar> {
    weight.gather(indices, paddingIndex: paddingIndex)
  }

  /// The vectors of padded lists of row numbers in their order, without those of the padding row, wherever it stands.
  ///
  ///     let layer = Embedding<Float>(weight: Tensor([[1, 2], [3, 4], [0, 0]]), paddingIndex: 2)
  ///     print(layer.sequences(padded: [[1, 2], [0, 1]]).lengths)  // [1, 2]
  ///
  /// Layers that read them compute nothing for padding. A list of padding alone gives an empty sequence. Lists may
  /// differ in length. Traps if the layer has no `paddingIndex`.
  public func sequences<Number: RowNumber>(padded lists: [[Number]]) -> Sequences<Scalar> {
    guard let paddingIndex else { trap("Embedding.sequences(padded:): the layer has no paddingIndex, expected one") }
    return self(RaggedIndices(lists.map { list in Number.asInt32(list).filter { $0 != paddingIndex } }))
  }

  /// The vectors of bags of row numbers in their order; see `EmbeddingTable.sequences`.
  public func callAsFunction(_ rows: RaggedIndices) -> Sequences<Scalar> {
    weight.sequences(rows, paddingIndex: paddingIndex)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) { visit(&weight, "weight") }

  public var description: String { "Embedding(\(weight.rowCount) × \(weight.columnCount))" }
}
