/// A vector of `columns` numbers for each of `rows` things.
public struct Embedding<Scalar: TensorScalar>: Layer, Equatable {
  public typealias Input = [Int32]

  /// The vectors `[rows, columns]`.
  public var weight: EmbeddingTable<Scalar>

  /// A row that stays as it is: it gets no gradient.
  public var paddingIndex: Int32?

  /// A layer with normally distributed vectors, zeros for the padding row.
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
    self.weight = EmbeddingTable(weight)
    self.paddingIndex = paddingIndex
  }

  /// The vectors with these numbers: `[n]` to `[n, columns]`; see `EmbeddingTable.gather`.
  public func callAsFunction(_ indices: [some RowNumber]) -> Variable<Scalar> {
    weight.gather(indices, paddingIndex: paddingIndex)
  }

  /// The vectors with these numbers, which have a shape: `shape` to `shape + [columns]`.
  public func callAsFunction(_ indices: [some RowNumber], shape: Shape) -> Variable<Scalar> {
    weight.gather(indices, shape: shape, paddingIndex: paddingIndex)
  }

  /// The vectors of n lists of m numbers, `[n, m, columns]`. Traps if the lists' lengths differ.
  public func callAsFunction(_ indices: [[some RowNumber]]) -> Variable<Scalar> {
    weight.gather(indices, paddingIndex: paddingIndex)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) {
    visit(&weight, "weight")
  }
}
