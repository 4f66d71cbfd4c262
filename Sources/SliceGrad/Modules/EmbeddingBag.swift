/// One vector for each bag of things, made of the vectors of the things in it: for a text, of those of its words.
///
///     let layer = EmbeddingBag<Float>(weight: Tensor([[1, 2], [3, 4], [5, 6]]))
///     print(layer(RaggedIndices([[2, 0], []])).value)  // [[3, 4],
///                                                      //  [0, 0]]
///     print(layer)  // EmbeddingBag(3 × 2, mean)
///
/// - Input: bags of row numbers.
/// - Output: `[bags, columns]`
///
/// Source: Joulin, Grave, Bojanowski and Mikolov, “Bag of Tricks for Efficient Text Classification” (2017).
public struct EmbeddingBag<Scalar: TensorScalar>: Layer, Equatable, CustomStringConvertible {
  public typealias Input = RaggedIndices

  /// The vectors `[rows, columns]`.
  public var weight: EmbeddingTable<Scalar>

  /// How the vectors of a bag are combined.
  public var mode: BagMode

  /// A row that is left out, wherever it appears.
  public var paddingIndex: Int32?

  /// A layer with vectors uniform in ±1 / columns, as fastText initializes them.
  public init(
    rows: Int, columns: Int, mode: BagMode = .mean, paddingIndex: Int32? = nil,
    using generator: inout RandomGenerator
  ) {
    self.init(
      weight: Tensor(uniform: [rows, columns], in: Self.initialRange(columns: columns), using: &generator), mode: mode,
      paddingIndex: paddingIndex)
  }

  /// The range of the numbers that a layer of so many columns begins with.
  package static func initialRange(columns: Int) -> Range<Scalar> {
    let limit = 1 / Scalar(max(columns, 1))
    return -limit..<limit
  }

  /// A layer with these vectors `[rows, columns]`.
  public init(weight: Tensor<Scalar>, mode: BagMode = .mean, paddingIndex: Int32? = nil) {
    self.init(weight: EmbeddingTable(weight), mode: mode, paddingIndex: paddingIndex)
  }

  /// A layer with a table that is there already.
  public init(weight: EmbeddingTable<Scalar>, mode: BagMode = .mean, paddingIndex: Int32? = nil) {
    self.weight = weight
    self.mode = mode
    self.paddingIndex = paddingIndex
  }

  /// A vector for each bag, `[bags, columns]`; see `EmbeddingTable.embeddingBag`.
  public func callAsFunction(_ bags: RaggedIndices) -> Variable<Scalar> {
    weight.embeddingBag(bags, mode: mode, paddingIndex: paddingIndex)
  }

  /// The same with one weight per row number, `[nnz]`. Traps unless the mode is `sum`.
  public func callAsFunction(_ bags: RaggedIndices, weights: Variable<Scalar>) -> Variable<Scalar> {
    weight.embeddingBag(bags, mode: mode, weights: weights, paddingIndex: paddingIndex)
  }

  @specialized(where Scalar == Float)
  public mutating func visitParameters(_ visit: inout ParameterVisitor<Scalar>) { visit(&weight, "weight") }

  public var description: String { "EmbeddingBag(\(weight.rowCount) × \(weight.columnCount), \(mode))" }
}
